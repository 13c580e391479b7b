/**
 * Where a run of text bytes ends: visible ASCII, SP, HTAB and the bytes from 0x80, which is what field values and reason
 * phrases may hold (RFC 9110 5.5). Most bytes of a head are in such runs, so four are looked at in one step.
 *
 * Not here: byte classes with a table (src/http1/char-class.ts).
 */

const TAB = 9;
const SPACE = 32;
const DELETE = 127;

/** DataViews on the memory regions that heads are scanned in: a handful in a process, which live as long as it does. */
const views = new WeakMap<Uint8Array, DataView>();
let lastBytes = new Uint8Array(0);
let lastView = new DataView(lastBytes.buffer);

/** A DataView on the same bytes with the same offsets. */
export function viewOf(bytes: Uint8Array): DataView {
  return bytes === lastBytes ? lastView : findView(bytes);
}

function findView(bytes: Uint8Array): DataView {
  let view = views.get(bytes);
  if (view === undefined) {
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    views.set(bytes, view);
  }
  lastBytes = bytes as Uint8Array<ArrayBuffer>;
  lastView = view as DataView<ArrayBuffer>;
  return view;
}

/** Offset of the first byte of [start, end) that is no text, or `end`. */
export function textEnd(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  let i = start;
  const lastWord = end - 4;
  for (;;) {
    while (i <= lastWord) {
      const word = view.getInt32(i, true);
      // A byte below 0x20 borrows from its top bit, 0x7f carries into it; bytes from 0x80 are masked out by ~word. The
      // lowest flag may be false only for 0x7e after 0xff, so a flag is a reason to look, not an answer.
      const flags = ((word - 0x20202020) | (word + 0x01010101)) & ~word & 0x80808080;
      if (flags !== 0) {
        i += (31 - Math.clz32(flags & -flags)) >> 3;
        break;
      }
      i += 4;
    }
    if (i >= end) return end;
    const byte = bytes[i] as number;
    if ((byte < SPACE || byte === DELETE) && byte !== TAB) return i;
    i++;
  }
}
