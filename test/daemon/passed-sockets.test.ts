import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Address } from '../../src/core/address.ts';
import { type ListenerSet, openListeners } from '../../src/daemon/listeners.ts';
import { PassedSockets, passedDescriptors } from '../../src/daemon/passed-sockets.ts';
import { StatsSockets } from '../../src/daemon/stats-sockets.ts';
import { F_DUPFD_CLOEXEC } from '../../src/sys/constants.ts';
import * as libc from '../../src/sys/libc.ts';
import { listen } from '../../src/sys/listen.ts';
import { isOpen } from '../../src/sys/listening-socket.ts';
import { modelOf } from '../support/model.ts';
import { connects, freePort } from '../support/ports.ts';

const accounts = { passwd: 'root:x:0:0::/:\n', group: 'root:x:0:\n' };
const DEFAULTS = 'defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n';
const lent: number[] = [];
const sets: ListenerSet[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const set of sets.splice(0)) set.close();
  for (const fd of lent.splice(0)) libc.close(fd);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A socket of whoever starts the program. */
function lend(address: Address, acceptIpv4: boolean | null = null): number {
  const plain = { backlog: 16, sockets: 1, reusePort: false, beside: [], interface: null, mode: null };
  const result = listen({ ...plain, address, acceptIpv4, mss: null, tcpUserTimeoutMs: null, uid: null, gid: null });
  if (!result.ok) throw new Error(result.message);
  const [fd = -1] = result.listener.fds;
  lent.push(fd);
  return fd;
}

function passing(...fds: readonly number[]): PassedSockets {
  return new PassedSockets(fds.map((fd) => ({ fd, name: '' })));
}

function open(passed: PassedSockets, text: string, threads = 1, before?: ListenerSet): ListenerSet {
  const model = modelOf(DEFAULTS + text);
  const terms = { threads, reusePort: false, predecessors: [], kept: before?.listeners ?? [] };
  const set = openListeners(model, accounts, { ...terms, passed: passed.forModel(model) });
  sets.push(set);
  return set;
}

const descriptorsOf = ({ listeners }: ListenerSet): (readonly number[])[] => listeners.map(({ fds }) => fds);

describe('what is passed', () => {
  const three = { LISTEN_PID: '7', LISTEN_FDS: '2' };
  it.each([
    ['nothing', {}, []],
    ['as many as are said', three, [0, 1]],
    ['another process', { ...three, LISTEN_PID: '8' }, []],
    ['nobody in particular', { LISTEN_FDS: '2' }, []],
    ['no number', { ...three, LISTEN_FDS: '2x' }, []],
    ['none', { ...three, LISTEN_FDS: '0' }, []],
    ['less than none', { ...three, LISTEN_FDS: '-1' }, []],
    ['more than there can be', { ...three, LISTEN_FDS: '99999999' }, []],
  ])('%s', (_, environment, expected) => {
    // 3 and 4 may be anything here, but they are open: vitest talks to its workers by them.
    expect(passedDescriptors(environment, [7]).map(({ fd }) => fd - 3)).toEqual(expected);
  });

  it('has names, as far as they are said', () => {
    const environment = { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'web' };
    expect(passedDescriptors(environment, [1, 7])).toEqual([
      { fd: 3, name: 'web' },
      { fd: 4, name: '' },
    ]);
  });

  it('is only what is open', () => {
    const environment = { LISTEN_PID: '7', LISTEN_FDS: '4096' };
    const found = passedDescriptors(environment, [7]);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(4096);
  });
});

describe('a line', () => {
  it('gets the socket that listens at its address, for all threads, and nothing beside it', async () => {
    const port = await freePort();
    const fd = lend({ family: 4, ip: '127.0.0.1', port });
    const set = open(passing(fd), `listen a\n bind 127.0.0.1:${port}\n`, 3);
    expect(set.problems).toEqual([]);
    expect(set.listeners.map(({ sockets }) => sockets)).toEqual([[{ fd, threads: [0, 1, 2] }]]);
  });

  it.each([
    ['the other way to write it', '[0:0:0:0:0:0:0:1]:PORT', '::1', null],
    ['both protocols where it wants both', ':::PORT v4v6', '::', true],
    ['IPv6 alone where it wants that', ':::PORT v6only', '::', false],
  ])('finds it by %s', async (_, line, ip, both) => {
    const port = await freePort();
    const fd = lend({ family: 6, ip, port }, both);
    const set = open(passing(fd), `listen a\n bind ${line.replace('PORT', String(port))}\n`);
    expect([set.problems, descriptorsOf(set)]).toEqual([[], [[fd]]]);
  });

  it.each([
    ['of IPv6 alone', ':::PORT v4v6', '::', false],
    ['that takes IPv4 clients, too', ':::PORT v6only', '::', true],
    ['at another address', '127.0.0.1:PORT', '::1', null],
    ['that is bound to no interface', '[::1]:PORT interface lo', '::1', null],
  ])('does not take one %s', async (_, line, ip, both) => {
    const port = await freePort();
    const fd = lend({ family: 6, ip, port }, both);
    const set = open(passing(fd), `listen a\n bind ${line.replace('PORT', String(port))}\n`);
    expect(descriptorsOf(set).flat()).not.toContain(fd);
  });

  it('gets unix sockets by path and by abstract name, and leaves their files alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-passed-'));
    folders.push(folder);
    const path = join(folder, 's');
    const name = `tandem-passed-${process.pid}`;
    // Not ours, which are bound under another name first.
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const { fd } = (server as unknown as { readonly _handle: { readonly fd: number } })._handle;
    const fds = [fd, lend({ family: 'unix', path: `@${name}` })];
    const set = open(passing(...fds), `listen a\n bind ${path}\n bind abns@${name}\n`);
    expect(descriptorsOf(set)).toEqual(fds.map((one) => [one]));
    expect(set.listeners.map(({ file }) => file)).toEqual([null, null]);
    set.close();
    expect(existsSync(path)).toBe(true);
    server.close();
  });

  it('gets it by number, and then no other one does by address', async () => {
    const [port, other] = [await freePort(), await freePort()];
    const fds = [lend({ family: 4, ip: '127.0.0.1', port }), lend({ family: 4, ip: '127.0.0.1', port: other })];
    const set = open(passing(...fds), `listen a\n bind 127.0.0.1:${other}\n bind fd@${fds[0]}\n`);
    expect(descriptorsOf(set)).toEqual([[fds[1]], [fds[0]]]);
    const again = open(passing(fds[0] ?? -1), `listen a\n bind 127.0.0.1:${port}\nlisten b\n bind fd@${fds[0]}\n`);
    expect(descriptorsOf(again).at(-1)).toEqual([fds[0]]);
    expect(again.problems.map(({ line }) => line)).toEqual([7]);
  });

  it('of the stats sockets gets its own as well, and serves a duplicate', async () => {
    const port = await freePort();
    const fd = lend({ family: 4, ip: '127.0.0.1', port });
    const model = modelOf(`global\n stats socket 127.0.0.1:${port}\n`);
    const passed = passing(fd);
    const { listeners, problems } = new StatsSockets(model, accounts, false, [], passed.forModel(model));
    expect(problems).toEqual([]);
    const served = listeners[0]?.take() ?? -1;
    expect(served).not.toBe(fd);
    libc.close(served);
    listeners[0]?.close();
    expect(await connects(port)).toBe(true);
    expect(passed.closeUnused()).toEqual([]);
  });
});

describe('what nobody wants', () => {
  it('is named and closed, once; what is no socket that listens may be somebody else’s, and is left', async () => {
    const [port, other] = [await freePort(), await freePort()];
    const used = lend({ family: 4, ip: '127.0.0.1', port });
    const unused = lend({ family: 6, ip: '::', port: other }, false);
    const strange = libc.fcntl(0, F_DUPFD_CLOEXEC, 0);
    const passed = new PassedSockets([
      { fd: used, name: 'a' },
      { fd: unused, name: 'b' },
      { fd: strange, name: '' },
    ]);
    open(passed, `listen a\n bind 127.0.0.1:${port}\n`);
    const end = "was passed to this process, but no 'bind' or 'stats socket' is for it";
    expect(passed.closeUnused()).toEqual([
      `descriptor ${unused} (b, [::]:${other}, IPv6 only) ${end}: closed`,
      `descriptor ${strange} (no listening stream socket) ${end}: left alone`,
    ]);
    expect([used, unused, strange].map(isOpen)).toEqual([true, false, true]);
    libc.close(strange);
    expect(passed.closeUnused()).toEqual([]);
    lent.splice(lent.indexOf(unused), 1);
  });
});

describe('a reload', () => {
  it('keeps it, and has it for a line that comes back later', async () => {
    const port = await freePort();
    const fd = lend({ family: 4, ip: '127.0.0.1', port });
    const passed = passing(fd);
    const text = `listen a\n bind 127.0.0.1:${port}\n`;
    const first = open(passed, text, 2);
    passed.closeUnused();
    const second = open(passed, text, 3, first);
    expect(second.listeners.map(({ sockets }) => sockets)).toEqual([[{ fd, threads: [0, 1, 2] }]]);
    first.close(second.listeners);
    // Another line at the same address, in another way.
    const third = open(passed, `listen a\n bind 127.0.0.1:${port} mss 1000\n`, 1, second);
    second.close(third.listeners);
    expect([third.problems, descriptorsOf(third)]).toEqual([[], [[fd]]]);
    const without = open(passed, 'listen a\n bind fd@0\n', 1, third);
    third.close(without.listeners);
    expect(isOpen(fd)).toBe(true);
    expect(descriptorsOf(open(passed, text, 1, without))).toEqual([[fd]]);
  });

  it('does not give to a second line what the first one keeps', async () => {
    const port = await freePort();
    const fd = lend({ family: 4, ip: '127.0.0.1', port });
    const passed = passing(fd);
    const line = ` bind 127.0.0.1:${port}\n`;
    const first = open(passed, `listen a\n${line}`);
    const second = open(passed, `listen a\n${line}${line}`, 1, first);
    expect(second.problems).toEqual([]);
    expect(descriptorsOf(second)[0]).toEqual([fd]);
    expect(descriptorsOf(second)[1]).not.toEqual([fd]);
  });
});
