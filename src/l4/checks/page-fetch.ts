/** Asks for one page over a connection of its own, with TLS or without, and looks at the answer as it comes. */
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, connect as secure } from 'node:tls';
import type { CheckedUrl, HttpCheck } from '../../config/l4-model.ts';
import { addressText } from '../../core/address.ts';
import type { Conversation } from './conversation.ts';
import { failureOf } from './failures.ts';
import { PageAnswer } from './page-answer.ts';

/** An answer that comes drop by drop may take so many times the time for one step. */
const MOST_STEPS = 10;
/** Of one answer, before others have their turn: fifty fast servers with long pages kept everything else waiting for half a second. */
const AT_ONCE_BYTES = 65_536;

export interface PageQuestion {
  readonly check: HttpCheck;
  readonly url: CheckedUrl;
  readonly connectTimeoutMs: number;
  /** `[10.0.0.71]:tcp:80`. */
  readonly server: string;
  monotonicMs(): number;
}

/** What is sent, to the letter: servers know checks by it. */
export function requestText({ version, connection }: HttpCheck, { path, host }: CheckedUrl): string {
  const number = version === '1.1' ? '1.1' : '1.0';
  const close = version === '1.0' ? '' : 'Connection: close\r\n';
  const name = host ?? addressText(connection.address);
  return `GET ${path} HTTP/${number}\r\nUser-Agent: KeepAliveClient\r\n${close}Host: ${name}\r\n\r\n`;
}

/** The connection is there. */
export function askForPage(talk: Conversation, question: PageQuestion): void {
  const { check, url, server } = question;
  if (check.kind === 'http') {
    converse(talk, talk.socket, question);
    return;
  }
  const { serverName } = url;
  // Whatever certificate it has: the question is whether it answers.
  const options = { socket: talk.socket, secureContext: context(), rejectUnauthorized: false };
  const socket = secure(serverName === null ? options : { ...options, servername: serverName });
  let isSecure = false;
  socket.on('error', (error) => {
    const said = `${isSecure ? 'SSL read error from' : 'SSL handshake/communication error connecting to'} server ${server}`;
    talk.end(failureOf(error, said, true));
  });
  socket.once('secureConnect', () => {
    isSecure = true;
    if (!talk.isOver) converse(talk, socket, question);
  });
}

let shared: SecureContext | null = null;

/** One for all: making one takes longer than a check. */
function context(): SecureContext {
  shared ??= createSecureContext({ ca: [] });
  return shared;
}

function converse(talk: Conversation, socket: Socket, question: PageQuestion): void {
  const { check, url, connectTimeoutMs, server, monotonicMs } = question;
  const answer = new PageAnswer(url);
  const untilMs = monotonicMs() + MOST_STEPS * connectTimeoutMs;
  const wait = (): void => {
    const leftMs = Math.max(0, untilMs - monotonicMs());
    if (leftMs < connectTimeoutMs) talk.within(leftMs, `Timeout WEB read server ${server}`, 'all of the answer');
    else talk.within(connectTimeoutMs, `Timeout WEB read server ${server}`, 'the answer');
  };
  const finish = (): void => {
    // An end may still be told of what was ended here.
    if (talk.isOver) return;
    const { said, why } = answer.verdict();
    if (said === null) talk.end({ kind: 'good', why });
    else talk.end({ kind: 'bad', said: `${said} server ${server}`, why });
  };
  wait();
  let inTurnBytes = 0;
  socket.on('data', (chunk: Buffer) => {
    if (talk.isOver) return;
    if (answer.take(chunk)) return finish();
    wait();
    inTurnBytes += chunk.length;
    if (inTurnBytes < AT_ONCE_BYTES) return;
    inTurnBytes = 0;
    talk.giveWay(socket);
  });
  socket.once('end', () => finish());
  socket.write(requestText(check, url));
}
