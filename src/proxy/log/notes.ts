/**
 * What a stream remembers for its log line beside its figures: captured headers, the captured cookie of either side, its
 * unique ID. Only streams of frontends that capture something, or that log before the end, have notes; they are made once,
 * with room for the longest, and used again.
 *
 *   one buffer:  request 0 | request 1 | … | response 0 | … | cookie of the client | of the server | unique ID
 *
 * Not here: where captures are found (request-notes.ts, response-notes.ts).
 */
import type { Endpoint } from '../../core/address.ts';

/** As in HAProxy (UNIQUEID_LEN less its final NUL). */
export const UNIQUE_ID_MAX_BYTES = 127;
/** Notes that are kept for the next streams; more are left to the garbage collector. */
const KEPT = 4096;

/** A place for bytes, with what is in it. */
export class Note {
  readonly start: number;
  readonly capacity: number;
  /** -1: nothing was found. */
  length = -1;

  constructor(start: number, capacity: number) {
    this.start = start;
    this.capacity = capacity;
  }
}

export interface NoteSizes {
  readonly request: readonly number[];
  readonly response: readonly number[];
  /** 0: no cookie is captured. */
  readonly cookie: number;
}

export class StreamNotes {
  readonly bytes: Buffer;
  readonly request: readonly Note[];
  readonly response: readonly Note[];
  readonly clientCookie: Note;
  readonly serverCookie: Note;
  readonly uniqueId: Note;
  /** Its line has been written already. */
  logged = false;
  /** %rt. */
  requestNumber = 0;
  /** What the request's head has more, or less, in HAProxy's count (htx-size.ts). */
  requestExtraBytes = 0;
  /** There was a connection to the server: from where, if somebody asks, and to which port. */
  hasServer = false;
  source: Endpoint | null = null;
  serverPort = 0;

  constructor(sizes: NoteSizes) {
    let end = 0;
    const place = (capacity: number): Note => {
      const note = new Note(end, capacity);
      end += capacity;
      return note;
    };
    this.request = sizes.request.map(place);
    this.response = sizes.response.map(place);
    this.clientCookie = place(sizes.cookie);
    this.serverCookie = place(sizes.cookie);
    this.uniqueId = place(UNIQUE_ID_MAX_BYTES);
    this.bytes = Buffer.alloc(end);
  }

  clear(): void {
    for (const note of this.request) note.length = -1;
    for (const note of this.response) note.length = -1;
    this.clientCookie.length = -1;
    this.serverCookie.length = -1;
    this.uniqueId.length = -1;
    this.logged = false;
    this.requestExtraBytes = 0;
    this.hasServer = false;
    this.source = null;
  }

  /** What was there is replaced; what does not fit is cut off. */
  keep(note: Note, bytes: Uint8Array, start: number, end: number): void {
    const length = Math.min(end - start, note.capacity);
    for (let i = 0; i < length; i++) this.bytes[note.start + i] = bytes[start + i] as number;
    note.length = length;
  }
}

/** The notes of one frontend's streams. */
export class NoteKeeper {
  readonly #sizes: NoteSizes;
  readonly #free: StreamNotes[] = [];

  constructor(sizes: NoteSizes) {
    this.#sizes = sizes;
  }

  take(): StreamNotes {
    const notes = this.#free.pop();
    if (notes === undefined) return new StreamNotes(this.#sizes);
    notes.clear();
    return notes;
  }

  give(notes: StreamNotes): void {
    if (this.#free.length < KEPT) this.#free.push(notes);
  }
}
