/** A CommandRunner that writes down what is asked for; the test says what comes back. */
import type { CommandOptions, CommandResult, CommandRunner, Stream, StreamEvents } from '../../src/core/command.ts';

export interface FakeStream {
  readonly argv: readonly string[];
  readonly events: StreamEvents;
  written: string;
  finished: boolean;
  killed: boolean;
}

export interface FakeRun {
  readonly argv: readonly string[];
  readonly options: CommandOptions;
  /** Ends it. */
  end(result: Partial<CommandResult>): void;
}

export class FakeCommands implements CommandRunner {
  readonly runs: FakeRun[] = [];
  readonly streams: FakeStream[] = [];
  /** What a run gives when nobody ends it by hand; null: it goes on. */
  answer: ((argv: readonly string[]) => Partial<CommandResult>) | null = null;

  run(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
    return new Promise((resolve) => {
      const end = (result: Partial<CommandResult>): void =>
        resolve({ exitCode: 0, how: 'exit status 0', timedOut: false, stdout: '', ...result });
      this.runs.push({ argv, options, end });
      if (this.answer !== null) end(this.answer(argv));
    });
  }

  stream(argv: readonly string[], events: StreamEvents): Stream {
    const stream: FakeStream = { argv, events, written: '', finished: false, killed: false };
    this.streams.push(stream);
    return {
      write: (text) => {
        stream.written += text;
      },
      finish: () => {
        stream.finished = true;
      },
      kill: () => {
        stream.killed = true;
      },
    };
  }

  /** The last one whose command line starts so; what it got since the last call. */
  taken(start: string): string[] {
    const stream = this.streams.filter(({ argv }) => argv.join(' ').startsWith(start)).at(-1);
    if (stream === undefined) return [];
    const lines = stream.written.split('\n').filter((line) => line !== '');
    stream.written = '';
    return lines;
  }
}
