/** One exchange by undici on a check's connection. Loaded only when it is needed. */
import { Client, type Dispatcher, errors } from 'undici';
import type { HttpCheckRequest } from '../config/model.ts';
import type { CheckConnection } from './connection.ts';
import type { Judge } from './expect.ts';

/** What HAProxy would keep of an answer. */
const MAX_BODY_BYTES = 16_384;

export function exchangeThroughUndici(connection: CheckConnection, request: HttpCheckRequest, judge: Judge): void {
  const client = new Client('http://check.invalid', {
    connect: (_options, callback) => {
      const { socket } = connection;
      if (socket.destroyed) callback(new errors.SocketError('the check is over'), null);
      else socket.once('connect', () => callback(null, socket));
    },
    // The check's own deadlines apply, all of them.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 1,
  });
  connection.onEnd(() => {
    // Its promise is of no interest: the socket is ours, and gone.
    client.destroy().catch(() => {});
  });
  client.dispatch(
    {
      method: request.method as Dispatcher.HttpMethod,
      path: request.uri,
      headers: request.headers.flatMap(({ name, value }) => [name.toLowerCase(), value]),
      body: request.body === '' ? null : request.body,
      reset: true,
      idempotent: false,
    },
    new AnswerHandler(connection, judge),
  );
}

class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #connection: CheckConnection;
  readonly #judge: Judge;
  #status = 0;
  #reason = '';
  #body = '';

  constructor(connection: CheckConnection, judge: Judge) {
    this.#connection = connection;
    this.#judge = judge;
  }

  onRequestStart(): void {
    // Nothing to prepare.
  }

  onResponseStart(_controller: unknown, status: number, _headers: unknown, reason?: string): void {
    if (status < 200) return;
    this.#status = status;
    this.#reason = reason ?? '';
    this.#consider(false);
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#body += chunk.toString('latin1', 0, MAX_BODY_BYTES - this.#body.length);
    this.#consider(this.#body.length >= MAX_BODY_BYTES);
  }

  onResponseEnd(): void {
    this.#consider(true);
  }

  onResponseError(_controller: unknown, error: NodeJS.ErrnoException): void {
    // Before the connection, and where the system says why, it is the socket's own error; else the answer is no HTTP.
    if (error.errno !== undefined) this.#connection.fail(error);
    else if (this.#status !== 0) this.#consider(true);
    else this.#connection.end('L7RSP');
  }

  #consider(complete: boolean): void {
    const answer = { status: this.#status, reason: this.#reason, body: this.#body, complete };
    const finding = this.#judge(answer);
    if (finding !== null) this.#connection.conclude(finding);
  }
}
