/**
 * An HTTP check: one request on a connection of its own; what counts as fine is expect.ts. Redirects are answers, they
 * are not followed.
 *
 * undici speaks where it can say the request as configured; the odd ones (HTTP/1.0, the target `*`, no Host) go out as
 * our own bytes. undici is loaded when there is a check that needs it, after the start: it takes a tenth of a second.
 */
import type { CheckMethod, HttpCheckRequest } from '../config/model.ts';
import type { Timers } from '../core/clock.ts';
import { CheckConnection } from './connection.ts';
import { type Judge, judgeFor } from './expect.ts';
import { HttpAnswerReader, type Reading } from './http-answer.ts';
import { requestBytes, undiciCanSay } from './http-request.ts';
import type { ProbeTarget, RunningProbe } from './probe.ts';

type HttpMethod = Extract<CheckMethod, { kind: 'http' }>;

type UndiciExchange = (connection: CheckConnection, request: HttpCheckRequest, judge: Judge) => void;

export class HttpProbes {
  readonly #timers: Timers;
  #throughUndici: UndiciExchange | null = null;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Loads what these checks need. Without it undici is not used. */
  async prepare(methods: readonly CheckMethod[]): Promise<void> {
    if (!methods.some((method) => method.kind === 'http' && undiciCanSay(method.request))) return;
    this.#throughUndici = (await import('./undici-exchange.ts')).exchangeThroughUndici;
  }

  probe(target: ProbeTarget, method: HttpMethod): RunningProbe {
    const connection = new CheckConnection(target, this.#timers);
    const judge = judgeFor(method.expect);
    const ask = this.#throughUndici !== null && undiciCanSay(method.request) ? this.#throughUndici : askByOwnBytes;
    ask(connection, method.request, judge);
    return { finding: connection.finding, cancel: () => connection.cancel() };
  }
}

function askByOwnBytes(connection: CheckConnection, request: HttpCheckRequest, judge: Judge): void {
  const { socket } = connection;
  const reader = new HttpAnswerReader(request.method);
  const consider = (reading: Reading, last: boolean) => {
    const finding = typeof reading === 'string' ? null : judge(reading);
    if (finding !== null) connection.conclude(finding);
    else if (last || reading === 'invalid') connection.end('L7RSP');
  };
  connection.onConnected(() => socket.write(requestBytes(request)));
  socket.on('data', (chunk) => consider(reader.push(chunk), false));
  socket.on('end', () => consider(reader.end(), true));
}
