import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { smtpMethod } from '../../../src/l4/checks/smtp-check.ts';
import { CheckedServer, found, foundLate, home, ORIGIN, reset, services, timing, to } from '../../support/l4-checks.ts';
import { freePort } from '../../support/ports.ts';

const toStop: CheckedServer[] = [];
afterEach(async () => {
  for (const one of toStop.splice(0)) await one.stop();
});

async function server(serve: (socket: Socket) => void): Promise<CheckedServer> {
  const one = await CheckedServer.start(serve);
  toStop.push(one);
  return one;
}

/** Says the first of them, and then one more for each line that it is told. */
const saying = (...answers: string[]) =>
  server((socket) => {
    const left = [...answers];
    const next = (): void => void socket.write(left.shift() ?? '');
    next();
    socket.on('data', next);
  });

function check(port: number, connectTimeoutMs?: number) {
  const rules = timing(connectTimeoutMs === undefined ? {} : { connectTimeoutMs });
  const whole = {
    kind: 'smtp',
    connection: to(port),
    heloName: 'check.example',
    origin: ORIGIN,
    timing: rules,
  } as const;
  return smtpMethod(whole, home(), services());
}

/** Without the port. */
const plain = async (asked: ReturnType<typeof check>) => (await found(asked)).replace(/\]:\d+/, ']:25');

describe('SMTP_CHECK', () => {
  it('greets, and says good-bye', async () => {
    const one = await saying('220 mail.example ESMTP\r\n', '250 mail.example\r\n', '221 bye\r\n');
    expect(await plain(check(one.port))).toBe('good: it greets');
    expect(one.heard).toBe('HELO check.example\r\nQUIT\r\n');
    await expect.poll(() => one.sockets.size, { timeout: 30_000 }).toBe(0);
  });

  it('reads answers of several lines, in whatever pieces they come', async () => {
    const pieces = ['220-mail.exa', 'mple\r\n220-not before\r\n22', '0 now\r\n', '250 yes\r\n221 ', 'bye\r\n'];
    const one = await server((socket) => {
      const next = (): void => {
        const piece = pieces.shift();
        if (piece !== undefined) socket.write(piece, () => setImmediate(next));
      };
      next();
    });
    expect(await plain(check(one.port))).toBe('good: it greets');
  });

  it.each<[string, string[], string]>([
    [
      'another greeting',
      ['554 no\r\n'],
      "SMTP_CHECK Bad greeting banner from server [127.0.0.1]:25: it said '554 no' instead of 220",
    ],
    [
      'no SMTP at all',
      ['SSH-2.0-OpenSSH_9.2\r\n'],
      "SMTP_CHECK Bad greeting banner from server [127.0.0.1]:25: it said 'SSH-2.0-OpenSSH_9.2' instead of 220",
    ],
    [
      'a number that only begins so',
      ['2200 mail\r\n'],
      "SMTP_CHECK Bad greeting banner from server [127.0.0.1]:25: it said '2200 mail' instead of 220",
    ],
    [
      'HELO is refused',
      ['220 mail\r\n', '501-no\r\n501 such name\r\n'],
      "SMTP_CHECK Bad HELO response from server [127.0.0.1]:25: it said '501-no' instead of 250",
    ],
    [
      'a line without end',
      [`220${' '.repeat(10_000)}`],
      'SMTP_CHECK Read failure from server [127.0.0.1]:25: its answer does not end',
    ],
    [
      'lines without end',
      ['220-more\r\n'.repeat(1000)],
      'SMTP_CHECK Read failure from server [127.0.0.1]:25: its answer does not end',
    ],
  ])('%s is a failure', async (_, answers, expected) => {
    const one = await saying(...answers);
    expect(await plain(check(one.port))).toBe(expected);
    await expect.poll(() => one.sockets.size, { timeout: 30_000 }).toBe(0);
  });

  it('a number alone will do, and whatever it says to QUIT', async () => {
    const one = await saying('220\r\n', '250\n', '500 what?\r\n');
    expect(await plain(check(one.port))).toBe('good: it greets');
  });

  it('a server that closes, or resets, or is silent', async () => {
    const closing = await server((socket) => socket.end());
    expect(await plain(check(closing.port))).toBe(
      'SMTP_CHECK Read failure from server [127.0.0.1]:25: it closed the connection',
    );
    const resetting = await server((socket) => {
      socket.write('220 mail\r\n');
      socket.once('data', () => reset(socket));
    });
    expect(await plain(check(resetting.port))).toBe(
      'SMTP_CHECK Read failure from server [127.0.0.1]:25: Connection reset by peer',
    );
    const silent = await saying('');
    const late = await foundLate((timeoutMs) => check(silent.port, timeoutMs), /Read timeout/);
    expect(late.replace(/\]:\d+/, ']:25')).toBe(
      'SMTP_CHECK Read timeout from server [127.0.0.1]:25: the greeting took longer than N s',
    );
  });

  it('nobody listens', async () => {
    expect(await plain(check(await freePort()))).toBe(
      'SMTP_CHECK Could not connect to server [127.0.0.1]:25: Connection refused',
    );
  });
});
