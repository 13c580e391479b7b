/**
 * How much of what has arrived belongs to a message's body. One object per thread; its fields answer the last call.
 *
 *   input  [at ……… consumed) rest [consumed … end)      the rest belongs to the next message, or to nobody
 *   output [at …… written)                              shorter where chunk extensions were removed
 */
import { BODY_DONE, BODY_ERROR, type ChunkedBody, scanChunked } from '../http1/chunked.ts';
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, BODY_UNTIL_CLOSE } from './stream.ts';

export class BodyCut {
  consumed = 0;
  written = 0;
  done = false;
  failed = false;
  /** What is left of a body with a length. */
  left = 0;
  /** Of the output, bytes that are the body's data and not its framing. */
  data = 0;
  /** Bytes that are certain to follow as body data. */
  ahead = 0;

  cut(kind: number, left: number, chunks: ChunkedBody, bytes: Uint8Array, at: number, end: number): void {
    this.failed = false;
    this.ahead = 0;
    this.data = 0;
    switch (kind) {
      case BODY_NONE:
        this.consumed = at;
        this.written = at;
        this.done = true;
        return;
      case BODY_LENGTH: {
        const taken = Math.min(left, end - at);
        this.left = left - taken;
        this.data = taken;
        this.consumed = at + taken;
        this.written = at + taken;
        this.done = this.left === 0;
        this.ahead = this.left;
        return;
      }
      case BODY_CHUNKED: {
        const before = chunks.dataBytes;
        const code = scanChunked(chunks, bytes, at, end);
        this.consumed = chunks.consumed;
        this.written = chunks.written;
        this.done = code === BODY_DONE;
        this.failed = code === BODY_ERROR;
        this.ahead = chunks.remaining;
        this.data = chunks.dataBytes - before;
        return;
      }
      case BODY_UNTIL_CLOSE:
        this.consumed = end;
        this.written = end;
        this.data = end - at;
        this.done = false;
        return;
    }
  }
}
