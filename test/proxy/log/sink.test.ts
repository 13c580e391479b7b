import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LogSinks } from '../../../src/proxy/log/sink.ts';
import type { LogTargetPlan } from '../../../src/proxy/plan.ts';
import { AF_UNIX, F_GETFL, MSG_DONTWAIT, O_NONBLOCK, SOCK_DGRAM } from '../../../src/sys/constants.ts';
import * as libc from '../../../src/sys/libc.ts';
import { allocate } from '../../../src/sys/memory.ts';
import { writeSockaddr } from '../../../src/sys/sockaddr.ts';

const INFO = 6;
const ALERT = 1;
const DEBUG = 7;
const NOW = new Date(2026, 10, 5, 10, 51, 32, 392).getTime();

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tandem-log-'));
  cleanups.push(() => rmSync(path, { recursive: true }));
  return path;
}

function target(sink: LogTargetPlan['sink'], rest: Partial<LogTargetPlan> = {}): LogTargetPlan {
  return {
    sink,
    format: 'rfc3164',
    facility: 16,
    maxLevel: 7,
    minLevel: 0,
    maxLengthBytes: 1024,
    tag: 'haproxy',
    hostname: '',
    ...rest,
  };
}

/** A log file and what is in it. */
function fileSink(): { sink: LogTargetPlan['sink']; text: () => string } {
  const path = join(folder(), 'log');
  const fd = openSync(path, 'a');
  cleanups.push(() => closeSync(fd));
  return { sink: { kind: 'fd', fd }, text: () => readFileSync(path, 'latin1') };
}

/** What one target writes for one line. */
function written(rest: Partial<LogTargetPlan>, level: number, line = 'hello'): string {
  const { sink, text } = fileSink();
  const sinks = new LogSinks([target(sink, rest)], 20713);
  sinks.emit(level, Buffer.from(`${line}…`), line.length, NOW);
  expect(sinks.linesLost).toBe(0);
  return text();
}

describe('log headers', () => {
  const offset = /[+-]\d\d:\d\d/;
  const table: [LogTargetPlan['format'], string, string][] = [
    ['rfc3164', '', '<134>Nov  5 10:51:32 haproxy[20713]: hello\n'],
    ['rfc3164', 'lb1', '<134>Nov  5 10:51:32 lb1 haproxy[20713]: hello\n'],
    ['rfc5424', '', '<134>1 2026-11-05T10:51:32.392000+ZZ - haproxy 20713 - - hello\n'],
    ['rfc5424', 'lb1', '<134>1 2026-11-05T10:51:32.392000+ZZ lb1 haproxy 20713 - - hello\n'],
    ['raw', 'lb1', 'hello\n'],
    ['short', 'lb1', '<6>hello\n'],
    ['timed', 'lb1', '<6>2026-11-05T10:51:32.392000+ZZ hello\n'],
    ['iso', 'lb1', '2026-11-05T10:51:32.392000+ZZ hello\n'],
    ['priority', 'lb1', '<134>hello\n'],
  ];
  it.each(table)('%s with host name "%s"', (format, hostname, expected) => {
    expect(written({ format, hostname }, INFO).replace(offset, '+ZZ')).toBe(expected);
  });

  it('carry facility and level', () => {
    expect(written({ format: 'priority', facility: 0 }, ALERT)).toBe('<1>hello\n');
    expect(written({ format: 'priority', facility: 23 }, DEBUG)).toBe('<191>hello\n');
  });

  it('follow the second and the level', () => {
    const { sink, text } = fileSink();
    const sinks = new LogSinks([target(sink), target(sink, { format: 'iso' })], 1);
    const line = Buffer.from('x');
    sinks.emit(INFO, line, 1, NOW);
    sinks.emit(ALERT, line, 1, NOW + 7);
    sinks.emit(ALERT, line, 1, NOW + 608);
    expect(text().replace(new RegExp(offset, 'g'), '')).toBe(
      [
        '<134>Nov  5 10:51:32 haproxy[1]: x\n2026-11-05T10:51:32.392000 x\n',
        '<129>Nov  5 10:51:32 haproxy[1]: x\n2026-11-05T10:51:32.399000 x\n',
        '<129>Nov  5 10:51:33 haproxy[1]: x\n2026-11-05T10:51:33.000000 x\n',
      ].join(''),
    );
  });
});

describe('log sinks', () => {
  it('drop what a target finds unimportant, and lower what it finds too important', () => {
    expect(written({ maxLevel: 5 }, INFO)).toBe('');
    expect(written({ maxLevel: 6, format: 'short' }, INFO)).toBe('<6>hello\n');
    expect(written({ minLevel: 5, format: 'short' }, ALERT)).toBe('<5>hello\n');
    const sinks = new LogSinks([target(fileSink().sink, { maxLevel: 5 })], 1);
    expect([sinks.wants(INFO), sinks.wants(5)]).toEqual([false, true]);
  });

  it('cut a line to the length of each target, and the next one gets the rest all the same', () => {
    const [short, long] = [fileSink(), fileSink()];
    const targets = [target(short.sink, { format: 'raw', maxLengthBytes: 10 }), target(long.sink, { format: 'raw' })];
    new LogSinks(targets, 1).emit(INFO, Buffer.from('0123456789abcdef'), 16, NOW);
    expect(short.text()).toBe('012345678\n');
    expect(long.text()).toBe('0123456789abcdef\n');
  });

  it('count header and line against the length', () => {
    expect(written({ maxLengthBytes: 40 }, INFO)).toBe('<134>Nov  5 10:51:32 haproxy[20713]: he\n');
    expect(written({ maxLengthBytes: 12 }, INFO)).toBe('<134>Nov  5\n');
  });

  it('send a line that was written in place', () => {
    const { sink, text } = fileSink();
    const sinks = new LogSinks([target(sink, { format: 'raw' })], 1);
    sinks.emit(INFO, sinks.line, sinks.line.write('in place'), NOW);
    sinks.say(INFO, 'Proxy wéb started.\nTwice.', NOW);
    expect(text()).toBe(Buffer.from('in place\nProxy wéb started. Twice.\n').toString('latin1'));
  });

  it.each([4, 6] as const)('send one UDP datagram a line over IPv%i', async (family) => {
    const ip = family === 4 ? '127.0.0.1' : '::1';
    const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
    cleanups.push(() => socket.close());
    socket.bind(0, ip);
    await once(socket, 'listening');
    const sinks = new LogSinks([target({ kind: 'udp', address: { family, ip, port: socket.address().port } })], 7);
    sinks.emit(INFO, Buffer.from('one'), 3, NOW);
    const [message] = await once(socket, 'message');
    expect(String(message)).toBe('<134>Nov  5 10:51:32 haproxy[7]: one\n');
  });

  it('do not count the line end against the length of a datagram', async () => {
    const socket = createSocket('udp4');
    cleanups.push(() => socket.close());
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const sink = { kind: 'udp', address: { family: 4, ip: '127.0.0.1', port: socket.address().port } } as const;
    const formats = ['rfc3164', 'raw'] as const;
    const received = new Promise<string[]>((resolve) => {
      const messages: string[] = [];
      socket.on('message', (message) => {
        messages.push(message.toString('latin1'));
        if (messages.length === formats.length) resolve(messages);
      });
    });
    const targets = formats.map((format) => target(sink, { format, maxLengthBytes: 40 }));
    new LogSinks(targets, 20713).emit(INFO, Buffer.alloc(100, 'x'), 100, NOW);
    // The message itself is one shorter than the longest length.
    expect(await received).toEqual(['<134>Nov  5 10:51:32 haproxy[20713]: xxx\n', `${'x'.repeat(39)}\n`]);
  });

  it('go on when nobody listens at the UDP port', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    const sinks = new LogSinks([target({ kind: 'udp', address: { family: 4, ip: '127.0.0.1', port } })], 7);
    for (let i = 0; i < 10; i++) sinks.emit(INFO, Buffer.from('lost on the way'), 15, NOW);
    expect(sinks.linesLost).toBe(0);
  });

  it('count lines that the network refuses', () => {
    const sinks = new LogSinks([target({ kind: 'udp', address: { family: 4, ip: '255.255.255.255', port: 9 } })], 7);
    sinks.emit(INFO, Buffer.from('x'), 1, NOW);
    expect(sinks.linesLost).toBe(1);
  });

  it('count lines to a descriptor that is not open', () => {
    const sinks = new LogSinks([target({ kind: 'fd', fd: 9999 })], 7);
    sinks.emit(INFO, Buffer.from('x'), 1, NOW);
    expect(sinks.linesLost).toBe(1);
  });

  it('lose lines instead of waiting for whoever reads the pipe, and leave its descriptor as it was', () => {
    const region = allocate(8);
    expect(libc.pipe2(region.address, 0)).toBe(0);
    const [reader, writer] = [region.bytes.readInt32LE(0), region.bytes.readInt32LE(4)];
    cleanups.push(() => [reader, writer].forEach(closeSync));
    const sinks = new LogSinks([target({ kind: 'fd', fd: writer }, { format: 'raw' })], 7);
    const line = Buffer.alloc(1000, 'x');
    for (let i = 0; i < 100; i++) sinks.emit(INFO, line, line.length, NOW);
    expect(sinks.linesLost).toBeGreaterThan(30);
    expect(sinks.linesLost).toBeLessThan(50);
    expect(libc.fcntl(writer, F_GETFL, 0) & O_NONBLOCK).toBe(0);
  });

  it('reach a unix datagram socket, also after its reader was started anew', () => {
    const path = join(folder(), 'log');
    const memory = allocate(4096);
    const bound = (): number => {
      const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
      expect(libc.bind(fd, memory.address, writeSockaddr(memory.bytes, 0, { family: 'unix', path }))).toBe(0);
      return fd;
    };
    const received = (fd: number): string => {
      const length = libc.recv(fd, memory.address, 4096, MSG_DONTWAIT);
      return memory.bytes.toString('latin1', 0, Math.max(0, length));
    };
    const sinks = new LogSinks([target({ kind: 'unix', address: { family: 'unix', path } }, { format: 'short' })], 7);
    sinks.say(INFO, 'nobody there', NOW);
    expect(sinks.linesLost).toBe(1);

    const first = bound();
    sinks.say(INFO, 'one', NOW);
    expect(received(first)).toBe('<6>one\n');
    expect(received(first)).toBe('<4>1 log lines were lost before the last one\n');
    libc.close(first);
    sinks.say(INFO, 'gone', NOW);
    expect(sinks.linesLost).toBe(2);

    unlinkSync(path);
    const second = bound();
    sinks.say(INFO, 'two', NOW);
    expect(received(second)).toBe('<6>two\n');
    expect(received(second)).toBe('<4>1 log lines were lost before the last one\n');
    // A reader that does not read: lines are lost, the connection stays.
    for (let i = 0; i < 2000; i++) sinks.say(INFO, 'many', NOW);
    expect(sinks.linesLost).toBeGreaterThan(100);
    let taken = 0;
    while (received(second) === '<6>many\n') taken++;
    // Once there is room again it hears how many are missing.
    sinks.say(INFO, 'again', NOW);
    expect(received(second)).toBe('<6>again\n');
    expect(received(second)).toBe(`<4>${2000 - taken} log lines were lost before the last one\n`);
    libc.close(second);
  });

  it('tell each target of its own lost lines, where it wants warnings', () => {
    const [good, full, quiet] = [join(folder(), 'good'), join(folder(), 'full'), join(folder(), 'quiet')];
    const paths = [good, full, quiet];
    const sinksOf = paths.map((path) => ({ kind: 'unix', address: { family: 'unix', path } }) as const);
    const [toGood, toFull, toQuiet] = sinksOf.map((sink, i) =>
      target(sink, { format: 'short', ...(i === 2 ? { maxLevel: 3 } : {}) }),
    ) as [LogTargetPlan, LogTargetPlan, LogTargetPlan];
    let lost = 0;
    const sinks = new LogSinks([toGood, toFull, toQuiet], 7, () => lost++);
    const memory = allocate(4096);
    const bind = (path: string): number => {
      const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
      expect(libc.bind(fd, memory.address, writeSockaddr(memory.bytes, 0, { family: 'unix', path }))).toBe(0);
      cleanups.push(() => libc.close(fd));
      return fd;
    };
    const all = (fd: number): string[] => {
      const lines: string[] = [];
      for (;;) {
        const length = libc.recv(fd, memory.address, 4096, MSG_DONTWAIT);
        if (length < 0) return lines;
        lines.push(memory.bytes.toString('latin1', 0, length - 1));
      }
    };
    const readers = [bind(good)];
    for (const text of ['a', 'b']) sinks.say(3, text, NOW);
    expect(lost).toBe(4);
    readers.push(bind(full), bind(quiet));
    for (const text of ['c', 'd']) sinks.say(3, text, NOW);
    expect(readers.map(all)).toEqual([
      ['<3>a', '<3>b', '<3>c', '<3>d'],
      ['<3>c', '<4>2 log lines were lost before the last one', '<3>d'],
      ['<3>c', '<3>d'],
    ]);
  });
});
