/**
 * One connection to a stats socket: lines in, answers out.
 *
 *   reading ─ a line ─▶ answering ─ more lines, or `prompt` ─▶ reading
 *                           └─ else ─▶ closed                (HAProxy's way: one line, one answer, the end)
 *
 * Everything is bounded: a line, the time without progress, what is made ahead of a reader who does not read. Whatever a
 * command does, nothing of it leaves this file but text. Not here: the commands.
 */
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AdminLevel } from '../config/model.ts';
import type { Timer } from '../core/clock.ts';
import type { AdminContext, Answer, Session } from './command.ts';
import type { Said, Speech } from './speech.ts';
import { splitLine } from './words.ts';

/** HAProxy's is tune.bufsize. */
const LINE_MAX_BYTES = 16_384;
/** Commands of one line. */
const COMMANDS_MAX = 1024;
/** Between two of these, everything else of the process has its turn. */
const SLICE_BYTES = 16_384;
const LF = 10;

export class AdminConnection {
  readonly #socket: Socket;
  readonly #context: () => AdminContext;
  readonly #session: Session;
  readonly #speech: Speech;
  readonly #closed: () => void;
  #pending: Buffer = Buffer.alloc(0);
  #ended = false;
  #answering = false;
  #isClosed = false;
  #timer: Timer | null = null;
  #drained: (() => void) | null = null;

  /** `closed` is called once, when nothing of it is left. */
  constructor(
    socket: Socket,
    context: () => AdminContext,
    speech: Speech,
    level: AdminLevel,
    timeoutMs: number,
    closed: () => void,
  ) {
    this.#socket = socket;
    this.#context = context;
    this.#speech = speech;
    this.#session = { level, interactive: false, timeoutMs, over: false, expert: false, experimental: false };
    this.#closed = closed;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => this.#end());
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
    socket.on('drain', () => this.#progress());
    this.#arm();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#socket.destroy();
    this.#drained?.();
    this.#closed();
  }

  #arm(): void {
    this.#timer?.cancel();
    if (!this.#isClosed) {
      this.#timer = this.#context().timers.after(this.#session.timeoutMs, () => this.close());
    }
  }

  #progress(): void {
    this.#arm();
    const drained = this.#drained;
    this.#drained = null;
    drained?.();
  }

  #read(chunk: Buffer): void {
    this.#arm();
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    // While an answer is made nothing more is taken in than what is here.
    if (this.#answering) this.#socket.pause();
    else this.#start();
  }

  /** The other side says no more; what it has asked is answered. */
  #end(): void {
    this.#ended = true;
    if (!this.#answering) this.close();
  }

  #start(): void {
    if (!this.#pending.includes(LF)) {
      if (this.#pending.length > LINE_MAX_BYTES) this.close();
      return;
    }
    this.#answering = true;
    this.#answerLines().then(
      () => this.#rest(),
      () => this.close(),
    );
  }

  async #answerLines(): Promise<void> {
    for (;;) {
      const end = this.#pending.indexOf(LF);
      if (end > LINE_MAX_BYTES) {
        this.#session.over = true;
        return;
      }
      if (end < 0 || this.#session.over || this.#isClosed) return;
      const line = this.#pending.toString('utf8', 0, end);
      this.#pending = this.#pending.subarray(end + 1);
      for (const words of splitLine(line).slice(0, COMMANDS_MAX)) {
        if (this.#session.over || this.#isClosed) return;
        await this.#answer(words);
      }
    }
  }

  /** All lines that were here have their answers. */
  #rest(): void {
    this.#answering = false;
    if (this.#isClosed) return;
    if (this.#session.interactive && !this.#session.over && !this.#ended) {
      // It may have asked for another timeout.
      this.#arm();
      this.#socket.resume();
      if (this.#pending.length > LINE_MAX_BYTES) this.close();
      return;
    }
    this.#socket.end(() => this.close());
  }

  async #answer(words: readonly string[]): Promise<void> {
    const { answer, ends } = await this.#run(words);
    if (this.#session.over) return;
    for await (const slice of slices(answer, (error) => this.#tell(error))) await this.#write(slice);
    if (ends === 'close') this.#session.over = true;
    else await this.#write(`${ends === 'line' ? '\n' : ''}${this.#prompt()}`);
  }

  async #run(words: readonly string[]): Promise<Said> {
    try {
      return await this.#speech.say(this.#context(), words, this.#session);
    } catch (error) {
      return { answer: this.#tell(error), ends: 'line' };
    }
  }

  #prompt(): string {
    return this.#session.interactive ? this.#speech.prompt(this.#context(), this.#session) : '';
  }

  /** A defect of ours: the one who asks learns that there is no answer, the journal why. */
  #tell(error: unknown): string {
    this.#context().journal.warning(`stats socket: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    return 'Internal error.\n';
  }

  /** Returns when the reader has taken it, or will not. */
  async #write(text: string): Promise<void> {
    if (this.#isClosed || text === '') return;
    if (this.#socket.write(text)) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }
}

/** Pieces of an answer joined to slices, with a pause after each. A piece that cannot be made ends it. */
async function* slices(answer: Answer, failed: (error: unknown) => string): AsyncIterable<string> {
  if (typeof answer === 'string') {
    yield answer;
    return;
  }
  let slice = '';
  try {
    for await (const piece of answer) {
      slice += piece;
      if (slice.length < SLICE_BYTES) continue;
      yield slice;
      slice = '';
      await nextTurn();
    }
  } catch (error) {
    slice += failed(error);
  }
  yield slice;
}
