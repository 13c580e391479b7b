/** Other programs, behind a seam: the real one is src/daemon/commands.ts, tests write down what is asked for. */

export interface CommandOptions {
  /** After this long it gets SIGTERM, and SIGKILL a little later. */
  readonly timeoutMs: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly stdin?: string;
  /** All that it has; without: what the runner has for everybody. */
  readonly env?: Readonly<Record<string, string>>;
  /** Nobody wants it any more: it is killed. */
  readonly signal?: AbortSignal;
}

export interface CommandResult {
  /** null: a signal ended it, or it could not be started. */
  readonly exitCode: number | null;
  /** For messages: `exit status 2`, `signal SIGKILL`, `timed out after 2 s`, `No such file or directory`. */
  readonly how: string;
  readonly timedOut: boolean;
  /** The first part of what it wrote. */
  readonly stdout: string;
  /** The first line of what it complained about; without: nothing. */
  readonly complaint?: string;
}

export interface StreamEvents {
  /** A line of its output, without the newline. */
  line(text: string): void;
  errorLine(text: string): void;
  exit(how: string): void;
}

/** A command that lives as long as we do. */
export interface Stream {
  write(text: string): void;
  /** No more input: it finishes what it has. */
  finish(): void;
  kill(): void;
}

export interface CommandRunner {
  /** Runs it to its end, without a shell; never rejects. */
  run(argv: readonly string[], options: CommandOptions): Promise<CommandResult>;
  stream(argv: readonly string[], events: StreamEvents): Stream;
}

/** Who runs a script; a text says why nobody can. */
export type ResolveUser = (user: string | null, group: string | null) => { uid?: number; gid?: number } | string;
