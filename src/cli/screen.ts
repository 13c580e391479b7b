/** A whole terminal to draw on, and its keys: left as it was found, however the program ends. */
import type { ReadStream, WriteStream } from 'node:tty';

const OPEN = '\x1b[?1049h\x1b[?25l';
const CLOSE = '\x1b[?25h\x1b[?1049l';
const KEYS: Readonly<Record<string, string>> = {
  '\x1b[A': 'up',
  '\x1b[B': 'down',
  '\x1bOA': 'up',
  '\x1bOB': 'down',
  '\x03': 'q',
  '\x1b': 'escape',
  '\r': 'enter',
};

export class Screen {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #restore = (): void => {
    this.#output.write(CLOSE);
  };
  readonly #interrupted: () => void;
  readonly #pressed: (chunk: Buffer) => void;
  readonly #resized: () => void;

  /** `key`: letters as they are, `up`, `down`, `enter`, `escape`; Ctrl-C is `q`. */
  constructor(input: ReadStream, output: WriteStream, key: (name: string) => void, resized: () => void) {
    this.#input = input;
    this.#output = output;
    this.#interrupted = () => key('q');
    this.#pressed = (chunk) => {
      const text = chunk.toString('latin1');
      const known = KEYS[text];
      if (known !== undefined) key(known);
      else if (!text.startsWith('\x1b')) for (const one of text) key(KEYS[one] ?? one);
    };
    this.#resized = resized;
    output.write(OPEN);
    process.on('exit', this.#restore);
    process.on('SIGINT', this.#interrupted).on('SIGTERM', this.#interrupted).on('SIGHUP', this.#interrupted);
    output.on('resize', this.#resized);
    if (!input.isTTY) return;
    input.setRawMode(true);
    input.on('data', this.#pressed);
    input.resume();
  }

  /** What is more than there is room for is left out; while a slow terminal has not shown the last one, so is all of it. */
  draw(lines: readonly string[]): void {
    if (this.#output.writableLength > 0) return;
    const shown = lines.slice(0, Math.max(1, this.#output.rows));
    this.#output.write(`\x1b[H${shown.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`);
  }

  close(): void {
    process.off('exit', this.#restore);
    process.off('SIGINT', this.#interrupted).off('SIGTERM', this.#interrupted).off('SIGHUP', this.#interrupted);
    this.#output.off('resize', this.#resized);
    if (this.#input.isTTY) {
      this.#input.off('data', this.#pressed);
      this.#input.setRawMode(false);
      this.#input.pause();
    }
    this.#restore();
  }
}
