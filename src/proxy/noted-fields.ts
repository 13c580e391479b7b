/** What samples see of a stream's notes: `capture.req.hdr`, `capture.res.hdr`, `unique-id`. */
import type { Note, StreamNotes } from './log/notes.ts';
import type { CapturedFields, SampleScope, UniqueIds } from './sample/scope.ts';
import { SAMPLE_TEXT, type SampleValue } from './sample/value.ts';
import type { Stream } from './stream.ts';

export class NotedFields implements CapturedFields, UniqueIds {
  readonly #scope: SampleScope;

  constructor(scope: SampleScope) {
    this.#scope = scope;
  }

  requestField(index: number, value: SampleValue): boolean {
    const notes = this.#scope.stream?.notes ?? null;
    return notes !== null && fillFrom(notes, notes.request[index], value);
  }

  responseField(index: number, value: SampleValue): boolean {
    const notes = this.#scope.stream?.notes ?? null;
    return notes !== null && fillFrom(notes, notes.response[index], value);
  }

  fill(stream: Stream, value: SampleValue): boolean {
    return stream.notes !== null && fillFrom(stream.notes, stream.notes.uniqueId, value);
  }
}

function fillFrom(notes: StreamNotes, note: Note | undefined, value: SampleValue): boolean {
  if (note === undefined || note.length < 0) return false;
  return value.setRange(SAMPLE_TEXT, notes.bytes, note.start, note.start + note.length);
}
