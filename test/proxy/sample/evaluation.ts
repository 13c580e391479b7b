/** Sample expressions of a test, evaluated without a thread: a client, a request's head and its content are all there is. */

import { parseSampleWords } from '../../../src/config/haproxy/sample.ts';
import type { SampleExpression as Meaning } from '../../../src/config/sample-model.ts';
import { compileSample } from '../../../src/daemon/compile-sample.ts';
import { HEAD_OK, MAX_HEADERS } from '../../../src/http1/head.ts';
import { RequestHead, scanRequestHead } from '../../../src/http1/request-head.ts';
import type { ClientConnection } from '../../../src/proxy/connection.ts';
import type { ThreadContext } from '../../../src/proxy/runtime.ts';
import { SampleExpression } from '../../../src/proxy/sample/expression.ts';
import { SampleScope } from '../../../src/proxy/sample/scope.ts';
import { writeSample } from '../../../src/proxy/sample/text.ts';
import { modelOf } from '../../support/model.ts';

export function meaningOf(text: string): Meaning {
  const read = parseSampleWords([text]);
  if (read.expression === null) throw new Error(`${text}: ${read.error}`);
  return read.expression;
}

const [proxy] = modelOf('listen web\nbind 127.0.0.1:1\nserver s 127.0.0.1:2\n').proxies;

export function compiled(text: string): SampleExpression {
  if (proxy === undefined) throw new Error('no proxy');
  return new SampleExpression(compileSample(meaningOf(text), [proxy], proxy));
}

/** Only what expressions of client and request look at. */
function context(wallMs: number): ThreadContext {
  const some = { plan: { bufferSizeBytes: 16384 }, poller: { wallMs, nowMs: 1 }, proxies: [], thread: 0 };
  return some as unknown as ThreadContext;
}

export class RequestScene {
  readonly scope: SampleScope;
  readonly #head = new RequestHead(MAX_HEADERS);
  readonly #into = Buffer.alloc(65536);

  constructor(wallMs = 0) {
    this.scope = new SampleScope(context(wallMs));
  }

  /** `address`: dotted. */
  request(text: string, address = '127.0.0.1', port = 1): void {
    const bytes = Buffer.from(text, 'latin1');
    const code = scanRequestHead(this.#head, bytes, 0, bytes.length, MAX_HEADERS);
    if (code !== HEAD_OK) throw new Error(`head: ${code}`);
    const peerIp4 = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
    const listener = { plan: { port: 80 }, frontend: { plan: { http: true } } };
    const destination = { family: 4, address: Uint8Array.of(127, 0, 0, 1), port: 80 };
    const client = { peerFamily: 4, peerIp4, peerIp6: null, peerPort: port, requests: 1, listener, destination };
    this.scope.client = client as unknown as ClientConnection;
    this.scope.request(this.#head, bytes);
  }

  /** The value as text; null: there is none. */
  text(expression: SampleExpression): string | null {
    if (!expression.evaluate(this.scope)) return null;
    const end = writeSample(this.scope.value, this.#into, 0);
    return end < 0 ? null : this.#into.toString('latin1', 0, end);
  }
}
