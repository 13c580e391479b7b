/** What `tandem top` shows, and what its keys do. */
import { describe, expect, it } from 'vitest';
import { type Status, statusOf } from '../../src/admin/status.ts';
import { noPaint, renderLine } from '../../src/admin/text-line.ts';
import { L4Rows } from '../../src/cli/l4-rows.ts';
import { FIRST_STATE, pressKey, type TopState, topLines, topRows } from '../../src/cli/top-view.ts';
import { PROXIES } from '../support/admin-scene.ts';
import { FakeAdminSide } from '../support/admin-side.ts';
import {
  deadServer,
  destinationFigures,
  realServerStatus,
  virtualServerStatus,
} from '../support/virtual-server-status.ts';

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
        "sorted by rate  q quit  s sort  ↑↓ select  1 servers  2 backends  3 frontends  4 virtual …",
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
    const backends = topRows(busy({}), null, { ...FIRST_STATE, kind: 'backends' });
    const outcome = pressKey({ ...FIRST_STATE, kind: 'backends' }, 'd', backends);
    expect(outcome).toMatchObject({ state: { asking: null, message: 'select a server (1, 4) first' } });
  });
  it('what nobody knows does nothing', () => expect(press('z').state).toEqual(FIRST_STATE));
});

describe('real servers of virtual servers', () => {
  const at = (second: number, connections: number): Status => {
    const figures = destinationFigures({ connections, replyBytes: connections * 1000, active: 4 });
    const servers = [realServerStatus('10.0.0.71:80', { figures }), deadServer('10.0.0.72:80', 'timeout')];
    const virtualServers = [virtualServerStatus({ name: 'FWM 5', servers }), virtualServerStatus({ name: 'web' })];
    return {
      ...status(),
      wallMs: second * 1000,
      pair: { instances: [], groups: [], rulesTrouble: null, virtualServers },
    };
  };
  const state: TopState = { ...FIRST_STATE, kind: 'real servers' };

  it('are the busiest first, with even rates of counters that are read now and then', () => {
    const l4 = new L4Rows();
    const counts = [100, 100, 150, 150, 200];
    const looks = counts.map((count, second) => topRows(at(second, count), null, state, l4.look(at(second, count))));
    expect(looks.map(([first]) => first?.rate)).toEqual([0, 0, 0, 0, 25]);
    expect(looks.at(-1)?.[0]).toMatchObject({ name: 'FWM 5/10.0.0.71:80', state: 'UP', conns: 4, out: 25_000 });
    expect(looks.at(-1)?.map(({ name }) => name)).toEqual([
      'FWM 5/10.0.0.71:80',
      'FWM 5/10.0.0.72:80',
      'web/10.0.0.71:80',
      'web/10.0.0.72:80',
    ]);
    const lines = topLines(at(4, 200), looks.at(-1) ?? [], state, 20).map((line) => renderLine(line, 120, noPaint));
    expect(lines.find((line) => line.includes('10.0.0.72'))).toMatch(/FWM 5\/10\.0\.0\.72:80 +DOWN .*http: timeout/);
  });

  it('are changed by hand', () => {
    const rows = topRows(at(0, 0), null, state, new L4Rows().look(at(0, 0)));
    expect(pressKey(FIRST_STATE, '4', rows).state.kind).toBe('real servers');
    const asked = (key: string) => {
      const { state: asking } = pressKey({ ...state, selected: 'FWM 5/10.0.0.72:80' }, key, rows);
      return pressKey(asking, 'y', rows).command;
    };
    expect(asked('m')).toBe('set lvs FWM\\ 5 [10.0.0.72]:tcp:80 down');
    expect(asked('d')).toBe('set lvs FWM\\ 5 [10.0.0.72]:tcp:80 drain');
    expect(asked('r')).toBe('set lvs FWM\\ 5 [10.0.0.72]:tcp:80 release');
  });

  it('of a program that knows none there are none', () => {
    const old = { instances: [], groups: [] } as unknown as NonNullable<Status['pair']>;
    expect(new L4Rows().look({ ...status(), pair: old })).toEqual([]);
  });
});
