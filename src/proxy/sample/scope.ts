/**
 * What an expression may look at: one object a thread, pointed at a stream before an evaluation. What is not there any more,
 * or not yet, is null, and fetches that need it find nothing.
 *
 *   scope.of(stream)                 client, backend, server, status
 *   scope.request(head, bytes)       while the request's head stands in its buffer
 *   scope.response(head, bytes)      while the response's does
 *
 * Not here: evaluating (expression.ts).
 */
import type { RequestHead } from '../../http1/request-head.ts';
import type { ResponseHead } from '../../http1/response-head.ts';
import type { ClientConnection } from '../connection.ts';
import type { ThreadContext } from '../runtime.ts';
import type { Stream } from '../stream.ts';
import { SampleValue } from './value.ts';

/** `capture request header`, `capture response header`: what was kept of the n-th one. */
export interface CapturedFields {
  /** Fills the value as text; false: there is none. */
  requestField(index: number, value: SampleValue): boolean;
  responseField(index: number, value: SampleValue): boolean;
}

/** `unique-id-format`: of the stream; false: the frontend makes none. */
export interface UniqueIds {
  fill(stream: Stream, value: SampleValue): boolean;
}

export class SampleScope {
  readonly context: ThreadContext;
  /** For one evaluation at a time. */
  readonly value: SampleValue;
  client: ClientConnection | null = null;
  stream: Stream | null = null;
  requestHead: RequestHead | null = null;
  requestBytes: Buffer;
  responseHead: ResponseHead | null = null;
  responseBytes: Buffer;
  /** Set by who keeps them. */
  captured: CapturedFields | null = null;
  uniqueIds: UniqueIds | null = null;

  constructor(context: ThreadContext) {
    this.context = context;
    this.value = new SampleValue(context.plan.bufferSizeBytes);
    this.requestBytes = this.value.bytes;
    this.responseBytes = this.value.bytes;
  }

  of(stream: Stream): this {
    this.ofClient(stream.client);
    this.stream = stream;
    return this;
  }

  /** Before there is a stream. */
  ofClient(client: ClientConnection): this {
    this.client = client;
    this.stream = null;
    this.requestHead = null;
    this.responseHead = null;
    return this;
  }

  request(head: RequestHead, bytes: Buffer): this {
    this.requestHead = head;
    this.requestBytes = bytes;
    return this;
  }

  response(head: ResponseHead, bytes: Buffer): this {
    this.responseHead = head;
    this.responseBytes = bytes;
    return this;
  }
}
