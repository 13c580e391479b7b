/** Where lines of a log come from: files, with what is appended to them later; a pipe; journalctl. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Timers } from '../core/clock.ts';
import type { CommandRunner } from '../core/command.ts';

/** Resolves when whoever reads has taken it. */
export type TakeLine = (line: string) => Promise<void>;

const CHUNK_BYTES = 65_536;
const LOOK_EVERY_MS = 250;
const LAST_LINES_MS = 100;
/** A line without an end is shown in pieces. */
const LINE_CHARACTERS = 1_048_576;

export async function readPipe(input: Readable, take: TakeLine): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of input) {
    rest += decoder.decode(chunk as Buffer, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) await take(line.replace(/\r$/, ''));
    if (rest.length <= LINE_CHARACTERS) continue;
    await take(rest);
    rest = '';
  }
  if (rest !== '') await take(rest);
}

export async function readJournal(
  commands: CommandRunner,
  timers: Timers,
  follow: boolean,
  take: TakeLine,
): Promise<string> {
  const argv = ['journalctl', '-u', 'tandem', '-o', 'cat', '--no-pager', ...(follow ? ['-f'] : [])];
  let taken = Promise.resolve();
  const how = await new Promise<string>((resolve) => {
    const stream = commands.stream(argv, {
      line: (text) => {
        taken = taken.then(() => take(text));
      },
      errorLine: (text) => process.stderr.write(`${text}\n`),
      exit: resolve,
    });
    process.on('exit', () => stream.kill());
    process.on('SIGINT', () => resolve('interrupted'));
  });
  // Its last lines may arrive after its end.
  await new Promise<void>((resolve) => timers.after(LAST_LINES_MS, resolve));
  await taken;
  return how;
}

/** One file to its end, and if it is followed, on from there: also when it is cut, or another one takes its place. */
export class FollowedFile {
  readonly #path: string;
  readonly #take: TakeLine;
  readonly #decoder = new TextDecoder();
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  #fd: number;
  #at = 0;
  #rest = '';

  /** Throws where it cannot be read. `tailBytes`: only the last lines of it, of about so many bytes. */
  constructor(path: string, take: TakeLine, tailBytes: number | null) {
    this.#path = path;
    this.#take = take;
    this.#fd = openSync(path, 'r');
    const { size } = fstatSync(this.#fd);
    if (tailBytes === null || size <= tailBytes) return;
    this.#at = size - tailBytes;
    // The first of them is the rest of a line.
    const bytes = readSync(this.#fd, this.#chunk, 0, CHUNK_BYTES, this.#at);
    const end = this.#chunk.subarray(0, bytes).indexOf(10);
    this.#at += end < 0 ? 0 : end + 1;
  }

  async readOn(): Promise<void> {
    for (;;) {
      const bytes = readSync(this.#fd, this.#chunk, 0, CHUNK_BYTES, this.#at);
      if (bytes === 0) return;
      this.#at += bytes;
      this.#rest += this.#decoder.decode(this.#chunk.subarray(0, bytes), { stream: true });
      const lines = this.#rest.split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) await this.#take(line.replace(/\r$/, ''));
      if (this.#rest.length > LINE_CHARACTERS) await this.finish();
      await nextTurn();
    }
  }

  /** What is there without a line end. */
  async finish(): Promise<void> {
    const rest = this.#rest;
    this.#rest = '';
    if (rest !== '') await this.#take(rest);
  }

  /** Never resolves. */
  async follow(timers: Timers): Promise<void> {
    for (;;) {
      await this.readOn();
      this.#lookForAnother();
      await new Promise<void>((resolve) => timers.after(LOOK_EVERY_MS, resolve));
    }
  }

  #lookForAnother(): void {
    const own = fstatSync(this.#fd);
    const now = statSync(this.#path, { throwIfNoEntry: false });
    if (own.size < this.#at) this.#at = 0;
    if (now === undefined || (now.ino === own.ino && now.dev === own.dev)) return;
    // What was still written to the old one has been read.
    const next = openSync(this.#path, 'r');
    closeSync(this.#fd);
    this.#fd = next;
    this.#at = 0;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
