import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { tcpMethod } from '../../../src/l4/checks/tcp-check.ts';
import { Blackhole } from '../../support/blackhole.ts';
import { insideNamespace } from '../../support/inside-namespace.ts';
import {
  attempt,
  CheckedServer,
  found,
  home,
  ORIGIN,
  SHORT_MS,
  services,
  timing,
  to,
} from '../../support/l4-checks.ts';
import { NamespaceLab } from '../../support/namespaces.ts';
import { describeWithPeer, programPath } from '../../support/peers.ts';
import { freePort } from '../../support/ports.ts';

const toStop: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of toStop.splice(0)) await one.stop();
});

async function server(serve: Parameters<typeof CheckedServer.start>[0] = () => {}): Promise<CheckedServer> {
  const one = await CheckedServer.start(serve);
  toStop.push(one);
  return one;
}

function check(connection: ReturnType<typeof to>, connectTimeoutMs?: number) {
  const rules = timing(connectTimeoutMs === undefined ? {} : { connectTimeoutMs });
  return tcpMethod({ kind: 'tcp', origin: ORIGIN, timing: rules, connection }, home(), services());
}

describe('TCP_CHECK', () => {
  it('a connection that can be made is enough, and is closed', async () => {
    const one = await server();
    expect(await found(check(to(one.port)))).toBe('good: connected');
    await expect.poll(() => one.sockets.size, { timeout: 30_000 }).toBe(0);
  });

  it('what the server has to say is not asked for', async () => {
    const one = await server((socket) => socket.write('220 mail.example ESMTP\r\n'));
    expect((await attempt(check(to(one.port)))).kind).toBe('good');
    await expect.poll(() => one.sockets.size, { timeout: 30_000 }).toBe(0);
  });

  it('nobody listens', async () => {
    const port = await freePort();
    expect(await found(check(to(port)))).toBe('TCP connection to [10.0.0.71]:tcp:80 failed: Connection refused');
  });

  it('nobody answers', async () => {
    const hole = await Blackhole.open();
    const expected = `TCP connection to [10.0.0.71]:tcp:80 timeout: the connection took longer than ${SHORT_MS / 1000} s`;
    expect(await found(check(to(hole.port), SHORT_MS))).toBe(expected);
    await hole.close();
  });

  it('an address of this box that is not there says nothing of the server', async () => {
    const one = await server();
    const from = { ip: '192.0.2.77', port: 0 };
    expect(await found(check(to(one.port, { from })))).toBe('unmade: Cannot assign requested address');
  });

  it('leaves from where it is told to, from one port again and again', async () => {
    const ends: (string | undefined)[] = [];
    const one = await server((socket) => ends.push(`${socket.remoteAddress}:${socket.remotePort}`));
    const port = await freePort();
    const from = { ip: '127.0.0.9', port };
    for (let i = 0; i < 3; i++) expect(await found(check(to(one.port, { from })))).toBe('good: connected');
    expect(ends).toEqual([1, 2, 3].map(() => `127.0.0.9:${port}`));
  });

  it('cancelled, it says nothing and leaves nothing open', async () => {
    const one = await server();
    const before = readdirSync('/proc/self/fd').length;
    const said: unknown[] = [];
    for (let i = 0; i < 50; i++) {
      check(to(one.port))
        .begin((outcome) => said.push(outcome))
        .cancel();
    }
    await expect.poll(() => readdirSync('/proc/self/fd').length, { timeout: 30_000 }).toBeLessThanOrEqual(before);
    expect(said).toEqual([]);
  });
});

describeWithPeer('root', 'TCP_CHECK with more than an address', () => {
  it('bound to an interface and with a firewall mark', async () => {
    const one = await server();
    const connection = to(one.port, { interface: 'lo', mark: 7, from: { ip: '127.0.0.9', port: 0 } });
    expect(await found(check(connection))).toBe('good: connected');
    await expect.poll(() => one.sockets.size, { timeout: 30_000 }).toBe(0);
  });

  it('nobody listens there', async () => {
    const connection = to(await freePort(), { mark: 7 });
    expect(await found(check(connection))).toBe('TCP connection to [10.0.0.71]:tcp:80 failed: Connection refused');
  });

  it('an interface that is not there is told, later', async () => {
    const one = await server();
    const before = readdirSync('/proc/self/fd').length;
    expect(await found(check(to(one.port, { interface: 'nosuch9' })))).toBe(
      'unmade: interface nosuch9: No such device',
    );
    await expect.poll(() => readdirSync('/proc/self/fd').length, { timeout: 30_000 }).toBeLessThanOrEqual(before);
  });
});

describeWithPeer(['netns', 'ip'], 'TCP_CHECK of an address of a link', () => {
  const lab = new NamespaceLab();
  afterAll(() => lab.remove());

  it('goes to the link that bind_if names', async () => {
    const box = lab.add('link');
    const link = lab.link(box, { address: '10.9.6.1/24' }, lab.add('peer'), '10.9.6.2/24');
    execFileSync(programPath('ip'), ['-n', box.name, 'addr', 'add', 'fe80::77/64', 'dev', link, 'nodad']);
    const address = { family: 6, ip: 'fe80::77', port: await freePort() } as const;
    const method = check(to(0, { address, interface: link }));
    const begin: typeof method.begin = (end) => insideNamespace(box.name, () => method.begin(end));
    expect(await found({ begin })).toBe('TCP connection to [10.0.0.71]:tcp:80 failed: Connection refused');
  });
});
