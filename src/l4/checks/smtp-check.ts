/**
 * SMTP_CHECK: a greeting (RFC 5321 3.1).
 *
 *   220 … ◀─   ─▶ HELO name   250 … ◀─   ─▶ QUIT   anything ◀─
 *
 * Answers of several lines are read whole (RFC 5321 4.2.1). Each step has its own time.
 */
import type { L4Check } from '../../config/l4-model.ts';
import type { CheckHome } from '../check.ts';
import type { Method } from './attempt.ts';
import type { CheckServices } from './check-services.ts';
import { Conversation } from './conversation.ts';
import { judgeStubborn } from './judgement.ts';

export type SmtpCheck = L4Check & { readonly kind: 'smtp' };

/** Of one answer, with all its lines: a server that talks without end is not waited for. */
const MOST_ANSWER_BYTES = 8192;

interface Step {
  readonly expected: string | null;
  /** Beginning of keepalived's line. */
  readonly wrong: string;
  readonly next: string | null;
}

/** Where the last line of an answer ends; -1: it is not there yet. */
function endOfAnswer(text: string): number {
  for (let at = 0; ; ) {
    const end = text.indexOf('\n', at);
    if (end < 0) return -1;
    if (!/^\d{3}-/.test(text.slice(at, at + 4))) return end + 1;
    at = end + 1;
  }
}

function statusOf(answer: string): string {
  return /^(\d{3})[ \r\n-]/.exec(answer)?.[1] ?? '';
}

function firstLine(text: string): string {
  return text.slice(0, 80).split(/\r?\n/, 1)[0] ?? '';
}

function converse(talk: Conversation, steps: readonly Step[], timeoutMs: number, place: string): void {
  const { socket } = talk;
  const timedOut = `SMTP_CHECK Read timeout from server ${place}`;
  let text = '';
  let at = 0;
  const end = (said: string, why: string): void =>
    talk.end({ kind: 'bad', said: `SMTP_CHECK ${said} server ${place}`, why });
  const answered = (answer: string): void => {
    const step = steps[at];
    if (step === undefined) return;
    if (step.expected !== null && statusOf(answer) !== step.expected) {
      end(step.wrong, `it said '${firstLine(answer)}' instead of ${step.expected}`);
      return;
    }
    at++;
    if (step.next === null) {
      talk.end({ kind: 'good', why: 'it greets' });
      return;
    }
    talk.within(timeoutMs, timedOut, 'an answer');
    socket.write(step.next);
  };
  talk.within(timeoutMs, timedOut, 'the greeting');
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    while (!talk.isOver) {
      const length = endOfAnswer(text);
      if (length < 0) break;
      const answer = text.slice(0, length);
      text = text.slice(length);
      answered(answer);
    }
    if (!talk.isOver && text.length > MOST_ANSWER_BYTES) end('Read failure from', 'its answer does not end');
  });
  socket.once('end', () => end('Read failure from', 'it closed the connection'));
}

export function smtpMethod(check: SmtpCheck, { server }: CheckHome, { timers }: CheckServices): Method {
  const { connection, timing, heloName } = check;
  const { connectTimeoutMs } = timing;
  const { ip, port } = connection.address;
  const place = `[${ip}]:${port}`;
  const words = {
    failed: `SMTP_CHECK Could not connect to server ${place}`,
    timeout: `SMTP_CHECK Connection timeout to server ${place}`,
    broken: `SMTP_CHECK Read failure from server ${place}`,
  };
  const steps: readonly Step[] = [
    { expected: '220', wrong: 'Bad greeting banner from', next: `HELO ${heloName}\r\n` },
    { expected: '250', wrong: 'Bad HELO response from', next: 'QUIT\r\n' },
    { expected: null, wrong: '', next: null },
  ];
  const connected = (talk: Conversation): void => converse(talk, steps, connectTimeoutMs, place);
  return {
    countsFromStart: false,
    isStrictAtFirst: false,
    judge: judgeStubborn,
    succeeded: () => `Remote SMTP server ${server} succeed on service.`,
    failed: () => `SMTP_CHECK on service ${server}`,
    begin: (end) => new Conversation({ connection, timers, connectTimeoutMs, words, connected, end }),
  };
}
