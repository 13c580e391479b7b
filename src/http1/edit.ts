/**
 * Editing a scanned head in place: dropped lines go, new lines come after the last one, the start line gets canonical.
 *
 *   before   [ free headroom ][ start line | kept | DROPPED | kept | CRLF ][ body… ]
 *   after    [ headroom ][ start line | kept | kept | INSERTED | CRLF ][ body… ]
 *
 * The blank line and the body stay where they are; all before them moves, towards lower addresses as a rule.
 *
 * Not here: deciding what is dropped (the scanners and the session), the start line's own rules (start-line.ts).
 */
import type { Head } from './head.ts';
import { rewriteStartLine } from './start-line.ts';
import { viewOf } from './text-run.ts';

/**
 * Rewrites the head and returns its new first offset, which is head.start, too; all other offsets of the head are stale
 * then. `insert` holds whole lines with their CRLF. The headroom before head.start must be at least insertLength + 16.
 */
export function rewriteHead(head: Head, bytes: Uint8Array, insert: Uint8Array, insertLength: number): number {
  if (head.startLineEdit !== 0) rewriteStartLine(head, bytes);
  const start = head.start;
  const blank = head.lineStart[head.headerCount] as number;
  if (head.droppedCount === 0) {
    if (insertLength === 0) return start;
    bytes.copyWithin(start - insertLength, start, blank);
    head.start = start - insertLength;
  } else {
    const dropped = moveUp(head, bytes, blank, insertLength);
    moveDown(head, bytes, blank, insertLength, dropped);
    head.start = start + dropped - insertLength;
  }
  copyInsert(insert, insertLength, bytes, blank - insertLength);
  return head.start;
}

let lastInsert = new Uint8Array(0);
let insertView = viewOf(lastInsert);

/** Word by word: for the few dozen bytes that an insert has, a call into the runtime costs more than copying them. */
function copyInsert(insert: Uint8Array, length: number, bytes: Uint8Array, at: number): void {
  if (insert !== lastInsert) {
    insertView = viewOf(insert);
    lastInsert = insert as Uint8Array<ArrayBuffer>;
  }
  const from = insertView;
  const to = viewOf(bytes);
  let i = 0;
  for (; i + 4 <= length; i += 4) to.setInt32(at + i, from.getInt32(i, true), true);
  for (; i < length; i++) bytes[at + i] = insert[i] as number;
}

/*
 * A run of kept lines moves by (bytes dropped after it) - (bytes inserted). Runs near the start may move up, runs near the
 * end down, and order is kept: moving the former from last to first and the latter from first to last overwrites nothing
 * that is still needed.
 */

/** Moves the runs that go to higher addresses; returns how many bytes are dropped. */
function moveUp(head: Head, bytes: Uint8Array, blank: number, insertLength: number): number {
  const { dropped, lineStart } = head;
  let droppedBytes = 0;
  let runEnd = blank;
  for (let i = head.headerCount - 1; i >= -1; i--) {
    if (i >= 0 && dropped[i] === 0) continue;
    const run = i >= 0 ? (lineStart[i + 1] as number) : head.start;
    const shift = droppedBytes - insertLength;
    if (shift > 0 && run < runEnd) bytes.copyWithin(run + shift, run, runEnd);
    if (i >= 0) {
      runEnd = lineStart[i] as number;
      droppedBytes += run - runEnd;
    }
  }
  return droppedBytes;
}

/** Moves the runs that go to lower addresses. */
function moveDown(head: Head, bytes: Uint8Array, blank: number, insertLength: number, droppedBytes: number): void {
  const { dropped, lineStart, headerCount } = head;
  let shift = droppedBytes - insertLength;
  let run = head.start;
  for (let i = 0; i <= headerCount; i++) {
    if (i < headerCount && dropped[i] === 0) continue;
    const runEnd = i < headerCount ? (lineStart[i] as number) : blank;
    if (shift < 0 && run < runEnd) bytes.copyWithin(run + shift, run, runEnd);
    if (i < headerCount) {
      run = lineStart[i + 1] as number;
      shift -= run - runEnd;
    }
  }
}
