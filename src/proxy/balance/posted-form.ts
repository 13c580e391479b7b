/**
 * `balance url_param` looks for a parameter that the URL of a POST lacks in its body, as far as that is here. Chunks are taken
 * apart in memory of its own: what goes to the server stays as it is.
 *
 * Not here: waiting for the body (../request-buffer.ts), parameters (hash-key.ts).
 */
import { ChunkedBody, scanChunked } from '../../http1/chunked.ts';
import { BODY_CHUNKED, type Stream } from '../stream.ts';
import type { HashKey } from './hash-key.ts';

const HEAD_END = Buffer.from('\r\n\r\n');

export class PostedForm {
  readonly #chunks = new ChunkedBody();
  #scratch: Buffer | null = null;

  /** The stream's request stands in its slab, with the head that the server gets. */
  hash(stream: Stream, key: HashKey): void {
    const { request, requestStart, requestEnd } = stream;
    if (request === null) return;
    const { bytes } = request;
    const headEnd = bytes.indexOf(HEAD_END, requestStart);
    if (headEnd < 0) return;
    const start = headEnd + HEAD_END.length;
    if (stream.requestBody !== BODY_CHUNKED) {
      key.ofBody(stream, bytes, start, requestEnd);
      return;
    }
    const scratch = this.#room(requestEnd - start);
    bytes.copy(scratch, 0, start, requestEnd);
    this.#chunks.reset();
    this.#chunks.strip = true;
    scanChunked(this.#chunks, scratch, 0, requestEnd - start);
    key.ofBody(stream, scratch, 0, this.#chunks.written);
  }

  #room(length: number): Buffer {
    const known = this.#scratch;
    if (known !== null && known.length >= length) return known;
    this.#scratch = Buffer.alloc(length * 2);
    return this.#scratch;
  }
}
