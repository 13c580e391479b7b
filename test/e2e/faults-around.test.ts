/** What is around the program fails: readers of its lines, disks, descriptors, memory, names, the clock on the wall. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AF_UNIX, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_DGRAM } from '../../src/sys/constants.ts';
import * as libc from '../../src/sys/libc.ts';
import { allocate } from '../../src/sys/memory.ts';
import { writeSockaddr } from '../../src/sys/sockaddr.ts';
import { describeAsRoot, describeWithPeer } from '../support/peers.ts';
import { eventually, Stand } from './faults/stand.ts';

const F_SETPIPE_SZ = 1031;
const PAGE_BYTES = 4096;

let stand: Stand;
const cleanups: (() => void)[] = [];

beforeEach(() => {
  stand = new Stand();
});
afterEach(async () => {
  await stand.stop();
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function open(path: string, flags: string): number {
  const fd = openSync(path, flags);
  cleanups.push(() => closeSync(fd));
  return fd;
}

describe('its own lines', () => {
  it('to a disk that is full, from the start', async () => {
    const full = open('/dev/full', 'w');
    await stand.start({
      global: ['log stdout format raw local0'],
      proxy: ['log global'],
      stdio: ['ignore', full, full],
    });
    for (let i = 0; i < 5; i++) {
      process.kill(stand.pid, 'SIGHUP');
      expect(await stand.ask()).toBe(200);
    }
  });

  it('to a pipe that nobody reads: nothing waits, and it hears how many lines are missing', async () => {
    const memory = allocate(8);
    // O_NONBLOCK, for our end; it is not inherited by what is opened anew.
    expect(libc.pipe2(memory.address, 0)).toBe(0);
    const [reader, writer] = [memory.bytes.readInt32LE(0), memory.bytes.readInt32LE(4)];
    libc.fcntl(writer, F_SETPIPE_SZ, PAGE_BYTES);
    let readerOpen = true;
    const closeReader = (): void => {
      if (readerOpen) closeSync(reader);
      readerOpen = false;
    };
    cleanups.push(closeReader, () => closeSync(writer));
    await stand.start({ stdio: ['ignore', 'ignore', writer] });
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 40; i++) {
        process.kill(stand.pid, 'SIGHUP');
        expect(await stand.ask()).toBe(200);
      }
    };
    await fill();
    // One page at a time: what was in the pipe, and what is written from then on.
    let text = '';
    const page = Buffer.alloc(PAGE_BYTES);
    await eventually('it says that lines are missing', async () => {
      process.kill(stand.pid, 'SIGHUP');
      await stand.ask();
      text += page.toString('latin1', 0, readSync(reader, page));
      return /\d+ lines of this journal are missing here/.test(text);
    });
    await fill();
    // Nobody will ever read it.
    closeReader();
    await fill();
    stand.child.kill('SIGTERM');
    expect(await stand.closed()).toBe('SIGTERM');
  });
});

/** A syslog of datagrams, as /dev/log is. */
class Syslog {
  readonly path: string;
  #fd = -1;
  readonly #memory = allocate(PAGE_BYTES);

  constructor(path: string) {
    this.path = path;
  }

  up(): void {
    // Nobody inherits it: its reader is gone when we close it.
    this.#fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const length = writeSockaddr(this.#memory.bytes, 0, { family: 'unix', path: this.path });
    expect(libc.bind(this.#fd, this.#memory.address, length)).toBe(0);
    chmodSync(this.path, 0o666);
  }

  down(): void {
    if (this.#fd < 0) return;
    libc.close(this.#fd);
    unlinkSync(this.path);
    this.#fd = -1;
  }

  /** The next line; '': there is none. */
  line(): string {
    const length = libc.recv(this.#fd, this.#memory.address, PAGE_BYTES, MSG_DONTWAIT);
    return this.#memory.bytes.toString('latin1', 0, Math.max(0, length));
  }
}

describe('log lines', () => {
  it('to a syslog that goes and comes back: it hears how many it missed, and the journal says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-syslog-'));
    const syslog = new Syslog(join(folder, 'log'));
    cleanups.push(
      () => rmdirSync(folder),
      () => syslog.down(),
    );
    // The data process may run as nobody.
    chmodSync(folder, 0o755);
    syslog.up();
    await stand.start({
      global: ['nbthread 1'],
      proxy: [`log ${syslog.path} format short local0`, 'log 127.0.0.1:9 local0', 'option httplog'],
    });
    await eventually('a line arrives', () => syslog.line().includes('GET / HTTP/1.1'));
    syslog.down();
    for (let i = 0; i < 7; i++) expect(await stand.ask()).toBe(200);
    await stand.said('log lines were lost: a log target does not take them');
    syslog.up();
    expect(await stand.ask()).toBe(200);
    await eventually('it hears of the others', () => /^<4>\d+ log lines were lost/.test(syslog.line()));
  });
});

describeAsRoot('a disk for logs that is full', () => {
  it('costs lines, until there is room again', async () => {
    const disk = mkdtempSync(join(tmpdir(), 'tandem-disk-'));
    cleanups.push(() => rmdirSync(disk));
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status).toBe(0);
    cleanups.push(() => spawnSync('umount', ['-l', disk]));
    const log = open(join(disk, 'log'), 'a');
    const ballast = join(disk, 'ballast');
    await stand.start({
      global: ['nbthread 1', 'log stdout format raw local0'],
      proxy: ['log global', 'option httplog'],
      stdio: ['ignore', log, log],
    });
    expect(() => writeFileSync(ballast, Buffer.alloc(65_536))).toThrow('ENOSPC');
    for (let i = 0; i < 100; i++) expect(await stand.ask()).toBe(200);
    unlinkSync(ballast);
    expect(await stand.ask()).toBe(200);
    await eventually('it says so', () => {
      return /^\d+ log lines were lost before the last one$/m.test(readFileSync(join(disk, 'log'), 'latin1'));
    });
  });
});

/** Clients that connect and say `text`, or nothing. */
class Crowd {
  readonly sockets: Socket[] = [];

  join(port: number, count: number, text = ''): void {
    for (let i = 0; i < count; i++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.on('connect', () => socket.write(text));
      this.sockets.push(socket);
    }
  }

  async arrived(): Promise<void> {
    await eventually('all of them are connected', () => this.sockets.every(({ pending }) => !pending));
  }

  leave(): void {
    for (const socket of this.sockets.splice(0)) socket.destroy();
  }
}

function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(words[11]) + Number(words[12]);
}

describeWithPeer('taskset', 'descriptors', () => {
  it('run out: clients wait, without haste, until there are some again', async () => {
    // epoll: what io_uring was asked to accept before keeps the limit of that time. Who is somebody else than we are may not change its limits, unless privileged.
    const user = process.getuid?.() === 0 ? ['user root'] : [];
    await stand.start({ global: ['nbthread 1', 'tune.tandem.poller epoll', ...user] });
    const pid = stand.dataPid;
    const descriptors = () => readdirSync(`/proc/${pid}/fd`).length;
    const most = descriptors() + 20;
    expect(spawnSync('prlimit', ['--pid', String(pid), `--nofile=${most}:${most}`]).status).toBe(0);
    const crowd = new Crowd();
    cleanups.push(() => crowd.leave());
    crowd.join(stand.port, 60);
    await crowd.arrived();
    await stand.said('no descriptors or no memory are left to let clients in');
    let answered = false;
    const waiting = stand.ask().then((status) => {
      answered = true;
      return status;
    });
    const [beganMs, ticks] = [performance.now(), cpuTicks(pid)];
    await sleep(1000);
    const tookSeconds = (performance.now() - beganMs) / 1000;
    // A hundred ticks a second would be a core.
    expect((cpuTicks(pid) - ticks) / tookSeconds).toBeLessThan(60);
    expect(answered).toBe(false);
    expect(stand.timesSaid('no descriptors')).toBe(1);
    crowd.leave();
    expect(await waiting).toBe(200);
    expect(stand.dataPid).toBe(pid);
  });
});

describe('memory', () => {
  it('that is used up by unfinished heads: who comes then waits, and nothing dies', async () => {
    // So little is said to be there that clients get 8 MB, in buffers of 16 kB, of which each of these holds one.
    await stand.start({ global: ['nbthread 1', 'maxconn 100000'], arguments: ['-m', '100'] });
    await stand.said('maxconn 100000 does not fit into 100 MB of memory: at most 1024 connections are accepted');
    const pid = stand.dataPid;
    const residentKib = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
    const before = residentKib();
    const crowd = new Crowd();
    cleanups.push(() => crowd.leave());
    const isShort = (): boolean => stand.output.includes('the memory for buffers is used up: new clients wait');
    while (!isShort()) {
      // Few at a time: who is let in before others speak is let in.
      crowd.join(stand.port, 100, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(8000)}`);
      await crowd.arrived();
      let served = false;
      void stand.ask().then(() => {
        served = true;
      });
      await eventually('somebody is served, or it says why not', () => served || isShort());
    }
    expect(crowd.sockets.length).toBeGreaterThan(300);
    let answered = false;
    const waiting = stand.ask().then((status) => {
      answered = true;
      return status;
    });
    expect(residentKib() - before).toBeLessThan(64 * 1024);
    expect(answered).toBe(false);
    crowd.leave();
    expect(await waiting).toBe(200);
    expect(stand.dataPid).toBe(pid);
  });
});

describe('names', () => {
  it('that cannot be resolved stop the start, and it says which', async () => {
    await stand.launch({ hook: 'no-names.mjs', proxy: ['server other nowhere.invalid:80'] });
    expect(await stand.closed()).toBe('1');
    expect(stand.output).toContain("'server web/other' : could not resolve address 'nowhere.invalid'.");
  });

  it('with -dr they do not: that server is down, and a new data process needs no name', async () => {
    await stand.start({ hook: 'no-names.mjs', arguments: ['-dr'], proxy: ['server other nowhere.invalid:80'] });
    expect(stand.output).toContain("could not resolve address 'nowhere.invalid'");
    const first = stand.dataPid;
    process.kill(first, 'SIGKILL');
    await stand.said(/data process \d+ serves/);
    expect(await stand.ask()).toBe(200);
  });

  it('that are never answered: a start that waits for them can be ended', async () => {
    await stand.launch({ hook: 'no-names.mjs', proxy: ['server other silent.invalid:80'] });
    await sleep(1000);
    stand.child.kill('SIGTERM');
    expect(await stand.closed()).toBe('SIGTERM');
  });
});

describe('the clock on the wall', () => {
  it('jumps: log lines follow, timeouts and checks do not', async () => {
    await stand.start({
      hook: 'clock.mjs',
      global: ['nbthread 1', 'log stdout format raw local0'],
      proxy: ['log global', 'option httplog', 'timeout http-request 500ms', 'timeout http-keep-alive 60s'],
      server: 'check inter 50ms',
    });
    const kept = connect(stand.port, '127.0.0.1');
    cleanups.push(() => kept.destroy());
    let heard = '';
    kept.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
    });
    const askAgain = async (): Promise<void> => {
      const before = heard.length;
      kept.write('GET /kept HTTP/1.1\r\nHost: x\r\n\r\n');
      await eventually('the kept connection is answered', () => heard.slice(before).includes('hello'));
    };
    await askAgain();
    const seconds = (): number[] =>
      [...stand.output.matchAll(/\[(\d+)\/\w+\/\d+:(\d+):(\d+):(\d+)\./g)].map(
        ([, day, h, m, s]) => ((Number(day) * 24 + Number(h)) * 60 + Number(m)) * 60 + Number(s),
      );
    for (const hours of [1, -2]) {
      const before = seconds().at(-1) ?? 0;
      for (const pid of [stand.pid, stand.dataPid]) process.kill(pid, 'SIGWINCH');
      await eventually('the lines have the new time', async () => {
        await stand.ask();
        const jump = (seconds().at(-1) ?? 0) - before;
        return Math.abs(jump - hours * 3600) < 600 || Math.abs(jump) > 24 * 3600;
      });
      await askAgain();
      // Timeouts go on: nothing of this request will come.
      const half = connect(stand.port, '127.0.0.1');
      let answer = '';
      half.on('data', (chunk: Buffer) => {
        answer += chunk.toString('latin1');
      });
      half.write('GET / HTTP/1.1\r\n');
      await eventually(
        'it is answered 408',
        () => answer.startsWith('HTTP/1.0 408') || answer.startsWith('HTTP/1.1 408'),
      );
      half.destroy();
    }
    expect(stand.output).not.toContain('is DOWN');
  });
});
