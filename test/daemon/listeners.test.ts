import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { backlogOf, type ListenerSet, openListeners } from '../../src/daemon/listeners.ts';
import { modelOf } from '../support/model.ts';
import { freePort } from '../support/ports.ts';

const accounts = { passwd: 'root:x:0:0::/:\n', group: 'root:x:0:\n' };
const DEFAULTS = 'defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n';
const sets: ListenerSet[] = [];
afterEach(() => {
  for (const set of sets.splice(0)) set.close();
});

function open(text: string, threads = 1, predecessors: readonly number[] = [], before?: ListenerSet): ListenerSet {
  const kept = before?.listeners ?? [];
  const set = openListeners(modelOf(DEFAULTS + text), accounts, { threads, reusePort: false, predecessors, kept });
  sets.push(set);
  return set;
}

describe('listeners', () => {
  it('are opened for every address of every frontend that runs', async () => {
    const port = await freePort();
    const { listeners, problems } = open(`listen a
  bind 127.0.0.1:${port} name first maxconn 5
  bind 127.0.0.2:${port},127.0.0.3:${port}
listen b
  disabled
  bind 127.0.0.4:${port}
`);
    expect(problems).toEqual([]);
    expect(listeners.map(({ frontend, name, maxconn }) => [frontend, name, maxconn])).toEqual([
      ['a', 'first', 5],
      ['a', `127.0.0.2:${port}`, 0],
      ['a', `127.0.0.3:${port}`, 0],
    ]);
  });

  it('that cannot be had are all reported, with their lines and who has them', async () => {
    const port = await freePort();
    open(`listen a\n bind 127.0.0.1:${port}\n`);
    const { problems } = open(`listen b\n bind 127.0.0.1:${port}\n bind /nonexistent/s\n`);
    const own = readFileSync('/proc/self/comm', 'utf8').trim();
    expect(problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
      `7 proxy b: cannot bind socket (Address already in use) for [127.0.0.1:${port}], in use by ${own} (pid ${process.pid})`,
      '8 proxy b: cannot bind UNIX socket (No such file or directory) for [/nonexistent/s]',
    ]);
  });

  it('do not get owners that do not exist', () => {
    const { problems } = open(
      'listen a\n bind /tmp/x.sock user nobody-of-this-name\n bind /tmp/y.sock group no-group\n',
    );
    expect(problems.map(({ message }) => message)).toEqual([
      "proxy a: there is no user 'nobody-of-this-name'",
      "proxy a: there is no group 'no-group'",
    ]);
  });
});

describe('with several threads', () => {
  const shares = ({ listeners }: ListenerSet): (readonly number[])[][] =>
    listeners.map(({ sockets }) => sockets.map(({ threads }) => threads));

  it('each has its own TCP socket, and all share a unix socket', async () => {
    const port = await freePort();
    const set = open(`listen a\n bind 127.0.0.1:${port}\n bind abns@tandem-listeners-${process.pid}\n`, 3);
    expect(set.problems).toEqual([]);
    expect(shares(set)).toEqual([[[0], [1], [2]], [[0, 1, 2]]]);
    expect(new Set(set.listeners.flatMap(({ fds }) => fds)).size).toBe(4);
  });

  it('a port may be bound by two lines, and still not by anybody else', async () => {
    const port = await freePort();
    const twice = `listen a\n bind 127.0.0.1:${port}\n bind 127.0.0.1:${port}\n bind :${port}\n`;
    expect(open(twice, 2).problems).toEqual([]);
    expect(open(twice, 2).problems.map(({ line }) => line)).toEqual([7, 8, 9]);
  });

  it('only those threads accept that a line names', async () => {
    const port = await freePort();
    const lines = [
      `127.0.0.1:${port} thread 1`,
      `127.0.0.1:${port} thread 2-`,
      `abns@tandem-${process.pid} thread odd`,
    ];
    const set = open(`listen a\n${lines.map((line) => ` bind ${line}\n`).join('')}`, 3);
    expect(set.problems).toEqual([]);
    expect(shares(set)).toEqual([[[0]], [[1], [2]], [[0, 2]]]);
  });

  it('lines with the same address share what a predecessor had there, and it does not become more', async () => {
    const port = await freePort();
    const text = `listen a\n bind 127.0.0.1:${port} thread 1\n bind 127.0.0.1:${port} thread 2\n`;
    open(text, 2);
    const next = open(text, 2, [process.pid]);
    expect(shares(next)).toEqual([[[0]], [[1]]]);
    expect(new Set(next.listeners.flatMap(({ fds }) => fds)).size).toBe(2);
  });

  it.each([
    [1, 2, [[0], [1]]],
    [2, 2, [[0], [1]]],
    [2, 1, [[0], [0]]],
    [3, 2, [[0], [1], [0, 1]]],
  ])('the sockets of a predecessor with %i threads all find one of %i that accepts', async (had, threads, expected) => {
    const port = await freePort();
    const text = `listen a\n bind 127.0.0.1:${port}\n`;
    open(text, had);
    const next = open(text, threads, [process.pid, process.pid]);
    expect(next.problems).toEqual([]);
    expect(shares(next)).toEqual([expected]);
  });
});

describe('backlog', () => {
  it.each([
    ['of the line', ' backlog 7\n maxconn 8\n bind :1 backlog 5 maxconn 6', 5],
    ['of the proxy', ' backlog 7\n maxconn 8\n bind :1 maxconn 6', 7],
    ['as many as the line takes', ' maxconn 8000\n bind :1 maxconn 6000', 6000],
    ['as many as the proxy takes', ' maxconn 8000\n bind :1', 8000],
    ['not less than the default because of a small maxconn', ' maxconn 8\n bind :1 maxconn 6', 1024],
    ['by default', ' bind :1', 1024],
  ])('%s', (_, lines, expected) => {
    const proxy = modelOf(`${DEFAULTS}listen a\n${lines}\n`).proxies[0];
    const bind = proxy?.binds[0];
    if (proxy === undefined || bind === undefined) throw new Error('no bind');
    expect(backlogOf(bind, proxy)).toBe(expected);
  });
});

describe('of a reload', () => {
  const fdsOf = ({ listeners }: ListenerSet) => listeners.map(({ fds }) => fds);
  const isOpen = (fd: number | undefined): boolean => existsSync(`/proc/self/fd/${fd}`);

  it('stay the same sockets where the same is wanted, and only those', async () => {
    const port = await freePort();
    const path = join(tmpdir(), `tandem-kept-${port}.sock`);
    const before = open(`listen a\n bind 127.0.0.1:${port}\n bind ${path}\n bind 127.0.0.2:${port} mss 1000\n`);
    const after = open(
      `listen b\n bind ${path}\nlisten c\n bind 127.0.0.2:${port} mss 1200\n bind 127.0.0.1:${port} backlog 7\n`,
      1,
      [],
      before,
    );
    expect(after.problems).toEqual([]);
    const [tcp, unix, other] = fdsOf(before);
    expect(fdsOf(after)).toEqual([unix, [expect.any(Number)], tcp]);
    before.close(after.listeners);
    expect([isOpen(tcp?.[0]), isOpen(unix?.[0]), isOpen(other?.[0]), existsSync(path)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    after.close();
    expect([isOpen(tcp?.[0]), isOpen(unix?.[0]), existsSync(path)]).toEqual([false, false, false]);
  });

  it('that comes to nothing leaves what there was', async () => {
    const port = await freePort();
    const before = open(`listen a\n bind 127.0.0.1:${port}\n`);
    const after = open(`listen a\n bind 127.0.0.1:${port}\n bind 127.0.0.2:${port}\n`, 2, [], before);
    const [kept] = fdsOf(before);
    expect(fdsOf(after)[0]?.length).toBe(2);
    after.close(before.listeners);
    expect([isOpen(kept?.[0]), isOpen(fdsOf(after)[0]?.[1]), isOpen(fdsOf(after)[1]?.[0])]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('with less threads keep every socket, since clients may wait at each', async () => {
    const port = await freePort();
    const before = open(`listen a\n bind 127.0.0.1:${port}\n`, 3);
    const after = open(`listen a\n bind 127.0.0.1:${port}\n`, 1, [], before);
    expect(fdsOf(after)).toEqual(fdsOf(before));
    expect(after.listeners[0]?.sockets.map(({ threads }) => threads)).toEqual([[0], [0], [0]]);
  });
});
