/** What `tandem top` shows, and what its keys do. */
import { describe, expect, it } from 'vitest';
import { type Status, statusOf } from '../../src/admin/status.ts';
import { noPaint, renderLine } from '../../src/admin/text-line.ts';
import { FIRST_STATE, pressKey, type TopState, topLines, topRows } from '../../src/cli/top-view.ts';
import { PROXIES } from '../support/admin-scene.ts';
import { FakeAdminSide } from '../support/admin-side.ts';

const status = (): Status => statusOf(new FakeAdminSide(PROXIES));
/** A status in which servers are as busy as is said. */
function busy(rates: Readonly<Record<string, number>>, change: Partial<Status> = {}): Status {
  const still = status();
  const proxies = still.proxies.map((proxy) => {
    const { backend } = proxy;
    if (backend === null) return proxy;
    const servers = backend.servers.map((server) => {
      const now = rates[server.name] ?? 0;
      const responses = [0, 0, 0, 0, now * 10, 0] as const;
      return { ...server, rate: { now, max: now }, bytesOut: now * 1000, responses };
    });
    return { ...proxy, backend: { ...backend, servers } };
  });
  return { ...still, proxies, ...change };
}
const names = (state: Partial<TopState> = {}, now = busy({ s1: 1, s2: 5, t1: 3 })) =>
  topRows(now, null, { ...FIRST_STATE, ...state }).map(({ name }) => name);

describe('rows', () => {
  it.each<[Partial<TopState>, string[]]>([
    [{}, ['app/s2', 'tcp/t1', 'app/s1', 'app/s3']],
    [{ sort: 'name' }, ['app/s1', 'app/s2', 'app/s3', 'tcp/t1']],
    [{ kind: 'backends' }, ['app', 'tcp']],
    [{ kind: 'frontends' }, ['tcp', 'web']],
  ])('%j', (state, expected) => expect(names(state)).toEqual(expected));

  it('count what happened since the last look', () => {
    const before = busy({ s1: 1 }, { wallMs: 1_000_000 });
    const now = busy({ s1: 5 }, { wallMs: 1_002_000 });
    expect(topRows(now, before, FIRST_STATE)[0]).toMatchObject({ name: 'app/s1', rate: 5, errors: 20, out: 2000 });
    // Nothing is said of what is not known.
    expect(topRows(now, null, FIRST_STATE)[0]).toMatchObject({ errors: 0, out: 0 });
  });
});

describe('lines', () => {
  const lines = (height: number, state: Partial<TopState> = {}) => {
    const now = busy({ s1: 1, s2: 5 });
    const whole = { ...FIRST_STATE, ...state };
    return topLines(now, topRows(now, null, whole), whole, height).map((line) =>
      renderLine(line, 90, noPaint).trimEnd(),
    );
  };

  it('have a head, rows, and what the keys do', () => {
    expect(
      lines(24).map((line) => line.replace(/Tandem \S+,/, 'Tandem V,').replace(/^\S+ {2}ok/, 'NODE  ok')),
    ).toMatchInlineSnapshot(`
      [
        "NODE  ok  Tandem V, up 0.0s",
        "0 of 1.0k connections, 0/s new, 0B/s out, 2 threads on epoll, 100 % idle",
        "",
        "   server         /s  conns  queue  time  5xx/s  out/s",
        ">  app/s2  UP      5      0      0  0 ms      0     0B  weight 1  backup",
        "   app/s1  UP      1      0      0  0 ms      0     0B  weight 10",
        "   app/s3  MAINT   0      0      0  0 ms      0     0B  weight 1  for 0.0s",
        "   tcp/t1  UP      0      0      0  0 ms      0     0B  weight 1",
        "sorted by rate  q quit  s sort  ↑↓ select  1 servers  2 backends  3 frontends  d drain  m…",
      ]
    `);
  });

  it.each([1, 5, 6, 7, 8, 30])('%i are enough, and the selected one is among them', (height) => {
    const shown = lines(height, { selected: 'tcp/t1' });
    expect(shown.length).toBeLessThanOrEqual(Math.max(height, 6));
    expect(shown.filter((line) => line.startsWith('>'))).toEqual([expect.stringContaining('tcp/t1')]);
  });
});

describe('keys', () => {
  const rows = topRows(busy({ s1: 1, s2: 5, t1: 3 }), null, FIRST_STATE);
  const press = (...keys: string[]) => {
    let outcome = { state: FIRST_STATE, command: null as string | null, quit: false };
    for (const key of keys) outcome = pressKey(outcome.state, key, rows);
    return outcome;
  };

  it('q ends', () => expect(press('q').quit).toBe(true));
  it('s goes round', () => {
    expect(press('s').state.sort).toBe('conns');
    expect(press('s', 's', 's', 's', 's', 's').state.sort).toBe('rate');
  });
  it('arrows stay within', () => {
    expect(press('down').state.selected).toBe('tcp/t1');
    expect(press('down', 'up', 'up').state.selected).toBe('app/s2');
    expect(press(...Array.from({ length: 9 }, () => 'j')).state.selected).toBe('app/s3');
  });
  it.each([
    ['d', 'drain'],
    ['m', 'maint'],
    ['r', 'ready'],
  ])('%s asks first', (key, word) => {
    expect(press('down', key)).toMatchObject({
      command: null,
      state: { asking: { what: expect.stringContaining('tcp/t1') } },
    });
    expect(press('down', key, 'y').command).toBe(`set server tcp/t1 state ${word}`);
    expect(press('down', key, 'n')).toMatchObject({ command: null, state: { asking: null } });
    expect(press('down', key, 'q')).toMatchObject({ command: null, quit: false });
  });
  it('only servers are changed', () => {
    expect(press('2', 'd')).toMatchObject({ state: { asking: null, message: 'select a server (1) first' } });
  });
  it('what nobody knows does nothing', () => expect(press('z').state).toEqual(FIRST_STATE));
});
