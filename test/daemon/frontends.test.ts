/** Frontends that an operator pauses, resumes, shuts: with real sockets, and threads that are told to look. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { compilePlan } from '../../src/daemon/compile.ts';
import { Frontends, globalMaxconn, maxconnOf } from '../../src/daemon/frontends.ts';
import { type ListenerSet, openListeners } from '../../src/daemon/listeners.ts';
import { createSharedMemory } from '../../src/daemon/verdicts.ts';
import { DOOR_OPEN, DOOR_PAUSED, DOOR_SHUT, HEADER_VERDICTS, PROXY_DOOR } from '../../src/proxy/shared-state.ts';
import { modelOf } from '../support/model.ts';
import { quietPort } from '../support/ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-frontends-'));
afterAll(() => rmSync(folder, { recursive: true }));

let opened: ListenerSet | null = null;
afterEach(() => opened?.close());

async function scene() {
  const port = await quietPort();
  const path = join(folder, `${port}.sock`);
  const model = modelOf(`
defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend web
  id 7
  maxconn 20
  bind 127.0.0.1:${port}
frontend local
  bind ${path}
backend app
`);
  opened = openListeners(model, { passwd: '', group: '' }, { threads: 2, reusePort: false, predecessors: [] });
  expect(opened.problems).toEqual([]);
  const plan = compilePlan(model, {
    generation: 1,
    threads: 2,
    maxconn: 1000,
    defaultProxyMaxconn: 0,
    logPid: 1,
    privileges: { uid: null, gid: null, chroot: null },
    sharedStateFd: -1,
    listeners: [],
    addresses: new Map(),
    hostname: '',
    descriptors: new Map(),
  });
  const { state } = createSharedMemory(plan);
  const said: string[] = [];
  const note = (text: string) => said.push(text);
  /** What the threads saw when they looked, and whether the port was open then. */
  const looks: [door: number, open: boolean][] = [];
  const frontends = new Frontends({
    plan,
    state,
    listeners: opened.listeners,
    journal: { notice: note, warning: note, alert: note },
    look: async () => {
      looks.push([state.get(state.proxy(0) + PROXY_DOOR), await isOpen({ port })]);
    },
  });
  const web = frontends.find('web');
  const local = frontends.find('local');
  if (web === null || local === null) throw new Error('they are there');
  return { port, path, plan, state, frontends, web, local, said, looks };
}

/** Whether the kernel takes a connection there. */
function isOpen(at: { readonly port: number } | { readonly path: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect('port' in at ? { port: at.port, host: '127.0.0.1' } : at);
    const over = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.on('connect', () => over(true));
    socket.on('error', () => over(false));
  });
}

describe('a frontend', () => {
  it('is found by its name or number, and is a frontend', async () => {
    const { frontends, web } = await scene();
    expect(frontends.find('#7')).toBe(web);
    expect([frontends.find('app'), frontends.find('#0'), frontends.find('')]).toEqual([null, null, null]);
  });

  it('that is paused refuses, once the threads have stopped to accept, and can be resumed', async () => {
    const { frontends, web, port, said, looks, state } = await scene();
    expect(await isOpen({ port })).toBe(true);
    const before = state.get(HEADER_VERDICTS);
    await frontends.pause(web);
    expect([frontends.doorOf(web), await isOpen({ port })]).toEqual(['paused', false]);
    expect(state.get(HEADER_VERDICTS)).toBeGreaterThan(before);
    expect(await frontends.resume(web)).toBeNull();
    expect([frontends.doorOf(web), await isOpen({ port })]).toEqual(['open', true]);
    // Threads look while it listens: before it stops, and after it has begun again.
    expect(looks).toEqual([
      [DOOR_PAUSED, true],
      [DOOR_OPEN, true],
    ]);
    expect(said).toEqual(['Paused frontend web.', 'Resumed frontend web.']);
  });

  it('that is shut refuses for good; another one may listen there', async () => {
    const { frontends, web, port, said, looks } = await scene();
    await frontends.shut(web);
    expect([frontends.doorOf(web), await isOpen({ port }), looks[0]?.[0]]).toEqual(['shut', false, DOOR_SHUT]);
    expect(said).toEqual(['Proxy web stopped (cumulated conns: FE: 0, BE: 0).']);
    const { server, listening } = await listenOn(port);
    expect(listening).toBe(true);
    server.close();
  });

  it('that is paused says so when its port was taken meanwhile, and stays paused', async () => {
    const { frontends, web, port, said } = await scene();
    await frontends.pause(web);
    const { server } = await listenOn(port);
    expect(await frontends.resume(web)).toMatch(/cannot listen/);
    expect(frontends.doorOf(web)).toBe('paused');
    expect(said.at(-1)).toMatch(/while trying to enable frontend web/);
    server.close();
  });

  it('refuses again when a reload, which made it listen, fails', async () => {
    const { frontends, web, port } = await scene();
    await frontends.pause(web);
    await frontends.resume(web);
    await frontends.pause(web);
    expect(frontends.keepable.length).toBe(2);
    frontends.refuseAgain();
    expect(await isOpen({ port })).toBe(false);
  });

  it('at a path lets wait who comes while it is paused; shut, it refuses, and the next one has a socket of its own', async () => {
    const { frontends, local, path } = await scene();
    await frontends.pause(local);
    expect([await isOpen({ path }), frontends.keepable.length]).toEqual([true, 2]);
    await frontends.resume(local);
    await frontends.shut(local);
    expect([await isOpen({ path }), frontends.keepable.length]).toEqual([false, 1]);
  });
});

it('limits are an operator’s, or else the configuration’s; 0 is one, too', async () => {
  const { frontends, web, state, plan } = await scene();
  expect([maxconnOf(state, web), globalMaxconn(state, plan)]).toEqual([20, 1000]);
  await frontends.setMaxconn(web, 0);
  await frontends.setGlobalMaxconn(5);
  expect([maxconnOf(state, web), globalMaxconn(state, plan)]).toEqual([0, 5]);
});

function listenOn(port: number): Promise<{ server: Server; listening: boolean }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve({ server, listening: false }));
    server.listen(port, '127.0.0.1', () => resolve({ server, listening: true }));
  });
}
