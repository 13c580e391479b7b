/**
 * An HTTP check: one request on a connection of its own; what counts as fine is expect.ts. Redirects are answers, they
 * are not followed.
 *
 * undici speaks where it can say the request as configured; the odd ones (HTTP/1.0, the target `*`, no Host) go out as
 * our own bytes. undici is loaded by the first check that needs it: it takes a tenth of a second, which start-up has no
 * use for.
 */
import type { CheckMethod, HttpCheckRequest } from '../config/model.ts';
import type { Timers } from '../core/clock.ts';
import { CheckConnection } from './connection.ts';
import { type Judge, judgeFor } from './expect.ts';
import { HttpAnswerReader, type Reading } from './http-answer.ts';
import { requestBytes, undiciCanSay } from './http-request.ts';
import type { ProbeTarget, RunningProbe } from './probe.ts';

type HttpMethod = Extract<CheckMethod, { kind: 'http' }>;

export function probeHttp(target: ProbeTarget, method: HttpMethod, timers: Timers): RunningProbe {
  const connection = new CheckConnection(target, timers);
  const judge = judgeFor(method.expect);
  if (undiciCanSay(method.request)) void askThroughUndici(connection, method.request, judge);
  else askByOwnBytes(connection, method.request, judge);
  return { finding: connection.finding, cancel: () => connection.cancel() };
}

async function askThroughUndici(connection: CheckConnection, request: HttpCheckRequest, judge: Judge): Promise<void> {
  // Errors of the socket belong to the connection, also while undici is being loaded.
  const { exchangeThroughUndici } = await import('./undici-exchange.ts');
  exchangeThroughUndici(connection, request, judge);
}

function askByOwnBytes(connection: CheckConnection, request: HttpCheckRequest, judge: Judge): void {
  const { socket } = connection;
  const reader = new HttpAnswerReader(request.method);
  const consider = (reading: Reading, last: boolean) => {
    if (reading === 'invalid') return connection.end('L7RSP');
    const finding = reading === 'more' ? null : judge(reading);
    if (finding !== null) connection.conclude(finding);
    else if (last) connection.end('L7RSP');
  };
  connection.onConnected(() => socket.write(requestBytes(request)));
  socket.on('data', (chunk) => consider(reader.push(chunk), false));
  socket.on('end', () => consider(reader.end(), true));
}
