/** The dashboard as a web server sees it, on a fake program: the page, its files, who may change what, and what listeners are told. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { RealServerStatus } from '../../../src/l4/status.ts';
import { Assets } from '../../../src/web/dashboard/assets.ts';
import { Dashboard, partsBeside } from '../../../src/web/dashboard/dashboard.ts';
import { LISTENERS_MAX } from '../../../src/web/dashboard/event-stream.ts';
import { patched } from '../../../src/web/dashboard/patch.ts';
import type { ShownStatus } from '../../../src/web/dashboard/shown.ts';
import type { WebAnswer, WebVisit } from '../../../src/web/visit.ts';
import { PROXIES } from '../../support/admin-scene.ts';
import { FakeAdminSide } from '../../support/admin-side.ts';
import { settle } from '../../support/fake-time.ts';
import {
  deadServer,
  destinationFigures,
  pairWith,
  realServerStatus,
  virtualServerStatus,
} from '../../support/virtual-server-status.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-assets-'));
writeFileSync(join(folder, 'index.html'), '<script src="{at}dashboard.js"></script><body data-at="{at}">');
writeFileSync(join(folder, 'dashboard.js'), 'script();');
writeFileSync(join(folder, 'style.css'), 'a{}');
writeFileSync(join(folder, 'icon.svg'), '<svg/>');
afterAll(() => rmSync(folder, { recursive: true }));

let side: FakeAdminSide;
let dashboard: Dashboard;

beforeEach(() => {
  side = new FakeAdminSide(PROXIES);
  const web = () => ({ proxies: side, pair: null, journal: side.journal });
  dashboard = new Dashboard({ side: web, clock: side.time, timers: side.time, assets: new Assets(folder) });
});

function visit(more: Partial<WebVisit> = {}): WebVisit {
  return {
    method: 'GET',
    target: '/',
    path: '/',
    query: new URLSearchParams(),
    headers: {},
    body: '',
    bodyTooLong: false,
    admin: true,
    side: { proxies: side, pair: null, journal: side.journal },
    gone: new AbortController().signal,
    ...more,
  };
}

/** Somebody who listens: takes what it is told piece by piece. */
class Listener {
  readonly #gone = new AbortController();
  readonly #pieces: AsyncIterator<string>;
  readonly answer: WebAnswer;
  text = '';
  isOver = false;

  constructor(admin = true) {
    this.answer = dashboard.part('events', visit({ admin, gone: this.#gone.signal }));
    if (typeof this.answer.body === 'string' || this.answer.body instanceof Uint8Array) throw new Error('no events');
    this.#pieces = this.answer.body[Symbol.asyncIterator]();
  }

  /** One that has been told all there is. */
  static async start(admin = true): Promise<Listener> {
    const listener = new Listener(admin);
    await listener.read();
    await side.time.advance(0);
    await listener.read();
    return listener;
  }

  /** Reads until nothing more comes for now. */
  async read(): Promise<void> {
    let isWaiting = false;
    while (!isWaiting && !this.isOver) {
      isWaiting = true;
      this.#next ??= this.#pieces.next().then(({ done, value }) => {
        this.#next = null;
        isWaiting = false;
        if (done === true) this.isOver = true;
        else this.text += value;
      });
      await settle();
    }
  }

  #next: Promise<void> | null = null;

  get events(): readonly { readonly name: string; readonly data: unknown }[] {
    const blocks = this.text.split('\n\n').slice(0, -1);
    return blocks.map((block) => {
      const [, name = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      return { name, data: JSON.parse(data) as object };
    });
  }

  /** What the page has, after all that it was told. */
  get status(): ShownStatus {
    return this.events.reduce<unknown>((status, { name, data }) => {
      if (name === 'status') return data;
      return name === 'change' ? patched(status, data as Parameters<typeof patched>[1]) : status;
    }, null) as ShownStatus;
  }

  leave(): void {
    this.#gone.abort();
  }
}

const serverOf = ({ proxies }: ShownStatus, name: string) =>
  proxies.flatMap(({ backend }) => backend?.servers ?? []).find((server) => server.name === name);

describe('the page', () => {
  it('finds its parts where it is told, and may do nothing else', () => {
    const { body, headers } = dashboard.page('a"b/');
    expect(body).toBe('<script src="a&#34;b/dashboard.js"></script><body data-at="a&#34;b/">');
    const policy = headers['Content-Security-Policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
  });

  it.each([
    ['/stats', './stats;dashboard/'],
    ['/admin/stats', './stats;dashboard/'],
    ['/haproxy?stats', './haproxy?stats;dashboard/'],
    ['/a/?stats', './?stats;dashboard/'],
    ['/', './;dashboard/'],
  ])('at %s;dashboard has its parts at %s', (uri, parts) => {
    expect(partsBeside(uri)).toBe(parts);
    const page = new URL(`http://box/prefix${uri};dashboard`);
    expect(new URL(`${parts}events`, page).href).toBe(`http://box/prefix${uri};dashboard/events`);
  });

  it('has files that are asked for once', () => {
    const first = dashboard.part('dashboard.js', visit());
    expect([first.status, String(first.body)]).toEqual([200, 'script();']);
    const tag = first.headers['ETag'] ?? '';
    const again = dashboard.part('dashboard.js', visit({ headers: { 'if-none-match': tag } }));
    expect([again.status, again.body]).toEqual([304, '']);
    const packed = dashboard.part('dashboard.js', visit({ headers: { 'accept-encoding': 'br, gzip' } }));
    expect(packed.headers['Content-Encoding']).toBe('gzip');
    expect(String(gunzipSync(packed.body as Uint8Array))).toBe('script();');
    const plain = dashboard.part('style.css', visit({ headers: { 'accept-encoding': 'gzip;q=0, br' } }));
    expect(plain.headers['Content-Encoding']).toBe(undefined);
  });

  it.each(['nothing', '../assets.ts', 'index.html', '__proto__', 'constructor', ''])('has no file "%s"', (name) => {
    expect(dashboard.part(name, visit()).status).toBe(404);
  });
});

describe('who listens', () => {
  it('is told all once, and then what changes, once a second', async () => {
    const listener = await Listener.start();
    expect(listener.events.map(({ name }) => name)).toEqual(['hello', 'status']);
    expect(listener.status.proxies.map(({ name }) => name)).toEqual(['web', 'app', 'tcp']);
    expect(serverOf(listener.status, 's2')).toMatchObject({ state: 'up', isBackup: true });
    await side.time.advance(999);
    await listener.read();
    expect(listener.events).toHaveLength(2);
    await side.time.advance(1);
    await listener.read();
    const [, , change] = listener.events;
    // Time goes on, and nothing else.
    expect(change).toMatchObject({ name: 'change', data: { proxies: {} } });
    expect(Object.keys(change?.data ?? {}).sort()).toEqual(['process', 'proxies', 'virtualServers', 'wallMs']);
  });

  it('sees at once what happens', async () => {
    const listener = await Listener.start();
    side.board.setAdmin(0, 'maint');
    await side.time.advance(100);
    await listener.read();
    expect(listener.events).toHaveLength(3);
    expect(serverOf(listener.status, 's1')?.state).toBe('maint');
    expect(listener.status.events[0]).toMatchObject({ subject: 'app/s1', to: 'MAINT' });
  });

  it('is told of virtual servers what changes, and not when they were checked', async () => {
    const servers = [realServerStatus('10.0.0.71:80'), realServerStatus('10.0.0.72:80')];
    let all = [virtualServerStatus(), virtualServerStatus({ name: 'FWM 5', servers })];
    side.pair = pairWith(() => all);
    const listener = await Listener.start();
    expect(listener.status.virtualServers.map(({ name }) => name)).toEqual(['[192.0.2.1]:tcp:80', 'FWM 5']);
    const next = async (changed: RealServerStatus) => {
      all = [virtualServerStatus(), virtualServerStatus({ name: 'FWM 5', servers: [changed, ...servers.slice(1)] })];
      await side.time.advance(1000);
      await listener.read();
      return (listener.events.at(-1)?.data as { virtualServers: unknown } | undefined)?.virtualServers;
    };
    const checks = [{ kind: 'http', isUp: true, why: 'status 200', checkedMs: 5000 }];
    expect(await next(realServerStatus('10.0.0.71:80', { checks }))).toEqual({});
    const figures = destinationFigures({ connections: 7 });
    expect(await next(realServerStatus('10.0.0.71:80', { figures }))).toEqual({
      1: { servers: { 0: { figures: { connections: [7] } } } },
    });
    await next(deadServer('10.0.0.71:80', 'timeout'));
    expect(listener.status.virtualServers[1]?.servers[0]).toMatchObject({ isUp: false, checks: [{ why: 'timeout' }] });
    expect(listener.status.complaints).toEqual([expect.stringContaining('[10.0.0.71]:tcp:80 is DOWN (http: timeout)')]);
    // A reload.
    all = [virtualServerStatus({ name: 'FWM 6' })];
    await side.time.advance(1000);
    await listener.read();
    expect(listener.status.virtualServers.map(({ name }) => name)).toEqual(['FWM 6']);
  });

  it('has what the program has, however slowly it reads, and nothing waits for it', async () => {
    const [quick, slow] = [await Listener.start(), await Listener.start()];
    for (const wish of ['maint', 'ready', 'drain'] as const) {
      side.board.setAdmin(0, wish);
      await side.time.advance(1000);
      await quick.read();
    }
    await slow.read();
    // What was on its way to it, and then the sum of all that it has missed.
    expect(slow.events).toHaveLength(4);
    expect(quick.events.length).toBeGreaterThan(4);
    expect(slow.status).toEqual(quick.status);
    expect(serverOf(slow.status, 's1')?.state).toBe('drain');
  });

  it('gets all of it anew when a reload has brought other proxies', async () => {
    const listener = await Listener.start();
    const { time } = side;
    side = new FakeAdminSide(PROXIES.replace('listen tcp', 'listen other\n mode http\n bind :82\nlisten tcp'));
    await time.advance(1000);
    await listener.read();
    expect(listener.status.proxies.map(({ name }) => name)).toEqual(['web', 'app', 'other', 'tcp']);
  });

  it('costs nothing any more when it is gone', async () => {
    const listeners = [await Listener.start(), await Listener.start()];
    for (const listener of listeners) listener.leave();
    for (const listener of listeners) await listener.read();
    expect(listeners.every(({ isOver }) => isOver)).toBe(true);
    expect(side.time.due).toEqual([]);
  });

  it('is one of so many at most', async () => {
    const listeners = Array.from({ length: LISTENERS_MAX }, () => new Listener());
    for (const listener of listeners) await listener.read();
    expect(dashboard.part('events', visit()).status).toBe(503);
    listeners[0]?.leave();
    await listeners[0]?.read();
    expect(dashboard.part('events', visit()).status).toBe(200);
  });
});

describe('a change', () => {
  const wish = (more: object = {}) =>
    JSON.stringify({ kind: 'server', backend: 'app', server: 's1', what: 'drain', ...more });

  async function token(): Promise<string> {
    const [hello] = (await Listener.start()).events;
    return String((hello?.data as { token: string } | undefined)?.token);
  }

  const post = (body: string, given: string, more: Partial<WebVisit> = {}) =>
    dashboard.part('action', visit({ method: 'POST', headers: { 'x-tandem-token': given }, body, ...more }));

  it('is made by who may, and is said', async () => {
    expect(post(wish(), await token()).status).toBe(200);
    expect(side.board.records[0]?.drain).toBe(true);
    expect(side.said).toContain('dashboard: app/s1 drain');
  });

  it('may be a weight', async () => {
    expect(post(wish({ what: 'weight', weight: '50%' }), await token()).status).toBe(200);
    expect(side.board.records[0]?.weight).toBe(5);
    const refused = post(wish({ what: 'weight', weight: '257' }), await token());
    expect([refused.status, side.board.records[0]?.weight]).toEqual([409, 5]);
  });

  it('may be of the pair', async () => {
    const asked: unknown[] = [];
    side.pair = {
      ...pairWith(() => []),
      set: (name, hold) => {
        asked.push([name, hold]);
        return name === 'VI_1' ? ['VI_1', 'VI_2'] : [];
      },
      setRealServer: (virtual, server, change) => {
        asked.push([virtual, server, change]);
        return virtual === 'FWM 5';
      },
    };
    const secret = await token();
    const status = (body: object) => post(JSON.stringify(body), secret).status;
    const real = { kind: 'real-server', virtual: 'FWM 5', server: '[10.0.0.71]:tcp:80' };
    expect(status({ kind: 'router', router: 'VI_1', what: 'backup' })).toBe(200);
    expect(status({ kind: 'router', router: 'VI_1', what: 'release' })).toBe(200);
    expect(status({ kind: 'router', router: 'VI_9', what: 'master' })).toBe(409);
    expect(status({ ...real, what: 'down' })).toBe(200);
    expect(status({ ...real, what: 'weight', weight: '7' })).toBe(200);
    expect(status({ ...real, what: 'weight', weight: '65536' })).toBe(409);
    expect(status({ ...real, what: 'up', virtual: 'FWM 6' })).toBe(409);
    expect(asked).toEqual([
      ['VI_1', 'backup'],
      ['VI_1', null],
      ['VI_9', 'master'],
      ['FWM 5', '[10.0.0.71]:tcp:80', { held: 'down' }],
      ['FWM 5', '[10.0.0.71]:tcp:80', { weight: 7 }],
      ['FWM 6', '[10.0.0.71]:tcp:80', { held: 'up' }],
    ]);
    expect(side.said).toEqual([
      'dashboard: VI_1, VI_2 backup',
      'dashboard: VI_1, VI_2 release',
      'dashboard: FWM 5 [10.0.0.71]:tcp:80 down',
      'dashboard: FWM 5 [10.0.0.71]:tcp:80 weight 7',
    ]);
  });

  it('of the pair is nothing for stats admin', async () => {
    const secret = await token();
    side.pair = pairWith(() => []);
    const inside = (body: string) => {
      const asks = visit({ method: 'POST', headers: { 'x-tandem-token': secret }, body });
      return dashboard.part('action', asks, { inside: true }).status;
    };
    expect(inside(JSON.stringify({ kind: 'router', router: 'VI_1', what: 'fault' }))).toBe(403);
    expect(inside(JSON.stringify({ kind: 'real-server', virtual: 'a', server: 'b', what: 'down' }))).toBe(403);
    expect(inside(wish())).toBe(200);
    const [hello] = (await Listener.start()).events;
    expect(hello?.data).toMatchObject({ changesPair: true });
    const { body } = dashboard.part('events', visit(), { inside: true });
    for await (const piece of body as AsyncIterable<string>) {
      expect(piece).toContain('"admin":true,"changesPair":false');
      break;
    }
  });

  it('is refused to who has no secret, or may only look', async () => {
    const secret = await token();
    for (const wrong of ['', 'x', `${secret}x`, secret.slice(1)]) expect(post(wish(), wrong).status).toBe(403);
    expect(post(wish(), secret, { admin: false }).status).toBe(403);
    const watcher = new Listener(false);
    await watcher.read();
    expect(watcher.events[0]?.data).toMatchObject({ admin: false, token: null });
    expect(dashboard.part('action', visit({ headers: { 'x-tandem-token': secret } })).status).toBe(405);
    expect(dashboard.part('events', visit({ method: 'POST' })).status).toBe(405);
    expect(side.board.records[0]?.drain).toBe(false);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '"drain"',
    '{"backend":"app"}',
    wish({ kind: 'proxy' }),
    wish({ kind: 'router' }),
    wish({ kind: 'real-server', virtual: 'FWM 5', what: 'maint' }),
    wish({ kind: '__proto__' }),
    wish({ what: 'shutdown' }),
    wish({ server: 1 }),
    wish({ weight: 7 }),
  ])('is not %s', async (body) => expect(post(body, await token()).status).toBe(400));

  it.each([{ backend: 'nowhere' }, { server: 'nobody' }, { backend: 'web' }])(
    'of what is not there is refused: %o',
    async (more) => {
      expect(post(wish(more), await token()).status).toBe(409);
    },
  );
});
