import {
  closeSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Address, InetAddress } from '../../src/core/address.ts';
import * as libc from '../../src/sys/libc.ts';
import {
  closeListener,
  type Listener,
  type ListenOptions,
  listen,
  PLAIN_LISTEN,
  takeOver,
} from '../../src/sys/listen.ts';
import { describeAsRoot } from '../support/peers.ts';
import { connects } from '../support/ports.ts';

const plain: Omit<ListenOptions, 'address'> = { ...PLAIN_LISTEN, backlog: 16 };
const opened: Listener[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const listener of opened.splice(0)) closeListener(listener);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function must(address: Address, more: Partial<ListenOptions> = {}): Listener {
  const result = listen({ ...plain, address, ...more });
  if (!result.ok) throw new Error(result.message);
  opened.push(result.listener);
  return result.listener;
}

function why(address: Address, more: Partial<ListenOptions> = {}): string {
  const result = listen({ ...plain, address, ...more });
  if (result.ok) opened.push(result.listener);
  return result.ok ? 'it worked' : `${result.message}${result.inUse ? ', in use' : ''}`;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-listen-'));
  folders.push(folder);
  return folder;
}

function connectMany(port: number, count: number): Promise<Socket[]> {
  const one = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(socket));
      socket.on('error', reject);
    });
  return Promise.all(Array.from({ length: count }, one));
}

/** How many clients waited there. */
function acceptAll(fd: number): number {
  for (let count = 0; ; count++) {
    const client = libc.accept4(fd, 0, 0, 0);
    if (client < 0) return count;
    libc.close(client);
  }
}

/** The kernel compares the users of sockets; only root can tell. */
function asNobody<T>(action: () => T): T {
  process.seteuid?.('nobody');
  try {
    return action();
  } finally {
    process.seteuid?.(0);
  }
}

const loopback: InetAddress = { family: 4, ip: '127.0.0.1', port: 0 };
const address = (port: number): InetAddress => ({ ...loopback, port });
const accepts = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket.destroy() !== null));
    socket.once('error', () => resolve(false));
  });

describe('TCP', () => {
  it('listens, and knows its port', async () => {
    const { port } = must(loopback);
    expect(await connects(port)).toBe(true);
  });

  it('is non-blocking and closed on exec', () => {
    const [fd = -1] = must(loopback).fds;
    const flags = Number.parseInt(/flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '', 8);
    expect(flags & 0o4000).not.toBe(0);
    expect(flags & 0o2000000).not.toBe(0);
  });

  it('can be bound before its address is there', () => {
    expect(why({ family: 4, ip: '192.0.2.77', port: 0 })).toBe('it worked');
    expect(why({ family: 6, ip: '2001:db8::77', port: 0 })).toBe('it worked');
  });

  it('says that somebody else is there', () => {
    const { port } = must(loopback);
    expect(why({ ...loopback, port })).toBe('cannot bind socket (Address already in use), in use');
  });

  it('shares a port with its replacement only where both agree', () => {
    const { port } = must(loopback, { reusePort: true });
    expect(why({ ...loopback, port }, { reusePort: true })).toBe('it worked');
    expect(why({ ...loopback, port })).toContain('Address already in use');
  });

  it('on IPv6 takes IPv4 clients or not, as told', async () => {
    const both = must({ family: 6, ip: '::', port: 0 }, { acceptIpv4: true });
    expect(await connects(both.port)).toBe(true);
    const only = must({ family: 6, ip: '::', port: 0 }, { acceptIpv4: false });
    expect(await connects(only.port)).toBe(false);
    expect(await connects(only.port, '::1')).toBe(true);
  });

  it('takes mss and user timeout, and refuses what the kernel refuses', () => {
    expect(why(loopback, { mss: 1000, tcpUserTimeoutMs: 5000 })).toBe('it worked');
    expect(why(loopback, { mss: 1 })).toBe('cannot set MSS (Invalid argument)');
    expect(why(loopback, { interface: 'nosuchif0' })).toMatch(/cannot bind listener to device 'nosuchif0'/);
  });
});

describe('several sockets of one address', () => {
  it('share its clients evenly', async () => {
    const { fds, port } = must(loopback, { sockets: 4, backlog: 400 });
    expect(new Set(fds).size).toBe(4);
    const clients = await connectMany(port, 400);
    const waiting = fds.map(acceptAll);
    for (const client of clients) client.destroy();
    expect(waiting.reduce((sum, n) => sum + n)).toBe(400);
    for (const n of waiting) expect(n).toBeGreaterThan(50);
  });

  it('are not opened beside anybody else, whatever that one allows', () => {
    const alone = must(loopback);
    const open = must(loopback, { reusePort: true });
    const group = must(loopback, { sockets: 3 });
    for (const { port } of [alone, open, group]) {
      expect(why(address(port), { sockets: 2 })).toBe('cannot bind socket (Address already in use), in use');
    }
  });

  it('may be joined by those of another line of the same configuration', () => {
    const first = must(loopback);
    const second = must(address(first.port), { beside: first.fds, sockets: 2 });
    expect(second.port).toBe(first.port);
    expect(why(address(first.port), { sockets: 2 })).toContain('in use');
  });

  it('leave nothing open when one of them cannot be had', () => {
    const before = readdirSync('/proc/self/fd').length;
    expect(why(loopback, { sockets: 2, mss: 1 })).toContain('cannot set MSS');
    expect(readdirSync('/proc/self/fd').length).toBe(before);
  });
});

describe('sockets of a process that ends', () => {
  it.each([
    [1, 3, 3],
    [2, 2, 2],
    [3, 1, 3],
  ])('%i of them, where %i are wanted, become %i; who waits in one is still there', async (had, wanted, have) => {
    const { fds, port } = must(loopback, { sockets: had, backlog: 100 });
    const early = await connectMany(port, 30);
    const taken = takeOver(fds, address(port), { ...plain, address: address(port), sockets: wanted, backlog: 100 });
    if (!taken.ok) throw new Error(taken.message);
    opened.push({ ...taken.listener, fds: taken.listener.fds.slice(had) });
    expect(taken.listener.fds).toHaveLength(have);
    expect(taken.listener.fds.slice(0, had)).toEqual(fds);
    const late = await connectMany(port, 30);
    expect(taken.listener.fds.map(acceptAll).reduce((sum, n) => sum + n)).toBe(60);
    for (const client of [...early, ...late]) client.destroy();
  });
});

describe('unix sockets', () => {
  it('listen, with the mode asked for, and are gone at the end', async () => {
    const path = join(newFolder(), 's');
    const listener = must({ family: 'unix', path }, { mode: 0o640 });
    expect(listener).toMatchObject({ unix: true, port: 0 });
    expect(lstatSync(path).mode & 0o777).toBe(0o640);
    expect(await accepts(path)).toBe(true);
    closeListener(opened.pop() ?? listener);
    expect(existsSync(path)).toBe(false);
  });

  it('replace an old one without a moment of nobody, and the old end leaves the new name alone', async () => {
    const path = join(newFolder(), 's');
    const old = must({ family: 'unix', path });
    must({ family: 'unix', path });
    closeListener(old);
    opened.shift();
    expect(await accepts(path)).toBe(true);
  });

  it('do not replace a file that is no socket', () => {
    const path = join(newFolder(), 'precious');
    writeFileSync(path, 'data');
    expect(why({ family: 'unix', path })).toBe('a file that is not a socket has this name');
    expect(readFileSync(path, 'utf8')).toBe('data');
  });

  it('may be abstract', async () => {
    const path = `@tandem-test-${process.pid}`;
    expect(must({ family: 'unix', path }).file).toBeNull();
    expect(await accepts(`\0${path.slice(1)}`.padEnd(108, '\0'))).toBe(true);
  });

  it.each([
    ['no such folder', '/nonexistent/x/s', 'cannot bind UNIX socket (No such file or directory)'],
    ['too long', `/tmp/${'x'.repeat(120)}`, 'unix socket path longer than 107 bytes'],
  ])('say why not: %s', (_, path, message) => {
    expect(why({ family: 'unix', path })).toContain(message);
  });
});

describe('inherited sockets', () => {
  it('are taken over, with their port', () => {
    const first = must(loopback);
    const [fd = -1] = first.fds;
    const adopted = listen({ ...plain, address: { family: 'fd', fd } });
    expect(adopted).toMatchObject({ ok: true, listener: { fds: [fd], unix: false, port: first.port, file: null } });
  });

  it('must be sockets', () => {
    expect(why({ family: 'fd', fd: 998 })).toBe('not a socket (Bad file descriptor)');
    const file = openSync('/dev/null', 'r');
    expect(why({ family: 'fd', fd: file })).toBe('not a socket (Socket operation on non-socket)');
    closeSync(file);
  });
});

describeAsRoot('another user', () => {
  it('who has the port is noticed', () => {
    const { port } = must(loopback, { sockets: 2 });
    expect(asNobody(() => why(address(port), { sockets: 2 }))).toContain('in use');
    expect(asNobody(() => why(address(port), { reusePort: true }))).toContain('in use');
  });

  it('whose socket is taken over lets nobody bind beside it: that one must do', () => {
    const { fds, port } = must(loopback);
    const result = asNobody(() => takeOver(fds, address(port), { ...plain, address: address(port), sockets: 2 }));
    expect(result).toMatchObject({ ok: true, listener: { fds } });
  });
});

describeAsRoot('owners of unix sockets', () => {
  it('are set before the name appears', () => {
    const path = join(newFolder(), 's');
    must({ family: 'unix', path }, { uid: 12, gid: 34, mode: 0o600 });
    expect(lstatSync(path)).toMatchObject({ uid: 12, gid: 34 });
  });
});
