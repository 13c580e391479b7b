/**
 * Other people's programs: run to their end within a time, or kept running while we live. The real CommandRunner.
 *
 * Scripts get a process group of their own: at the end of their time all that they started ends with them.
 */

import type { Timer, Timers } from '../core/clock.ts';
import type { CommandOptions, CommandResult, CommandRunner, Stream, StreamEvents } from '../core/command.ts';
import { type ProcessOptions, startProcess } from './spawn.ts';

const KILL_AFTER_MS = 1000;
const OUTPUT_BYTES = 4 * 1024 * 1024;
/** Of what it complains; the first line says what is wrong. */
const COMPLAINT_CHARACTERS = 500;

type Child = ReturnType<typeof startProcess>;

export class SystemCommands implements CommandRunner {
  readonly #timers: Timers;
  readonly #env: NodeJS.ProcessEnv;

  constructor(timers: Timers, env: NodeJS.ProcessEnv) {
    this.#timers = timers;
    this.#env = env;
  }

  run(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
    return new Promise((resolve) => {
      const child = this.#start(argv, options);
      let stdout = '';
      let stderr = '';
      let timedOut = false;
      let settled = false;
      let kill: Timer | null = null;
      const deadline = this.#timers.after(options.timeoutMs, () => {
        timedOut = true;
        endGroup(child, 'SIGTERM');
        kill = this.#timers.after(KILL_AFTER_MS, () => endGroup(child, 'SIGKILL'));
      });
      options.signal?.addEventListener('abort', () => endGroup(child, 'SIGKILL'));
      const finish = (exitCode: number | null, how: string): void => {
        if (settled) return;
        settled = true;
        deadline.cancel();
        kill?.cancel();
        const told = timedOut ? `timed out after ${options.timeoutMs / 1000} s` : how;
        const [complaint = ''] = stderr.split('\n', 1);
        resolve({ exitCode: timedOut ? null : exitCode, how: told, timedOut, stdout, complaint });
      };
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (stdout.length < OUTPUT_BYTES) stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (stderr.length < COMPLAINT_CHARACTERS) stderr = `${stderr}${text}`.slice(0, COMPLAINT_CHARACTERS);
      });
      child.stdin.on('error', () => {});
      child.stdin.end(options.stdin ?? '');
      child.on('error', (error: NodeJS.ErrnoException) => finish(null, error.message));
      // A script may leave somebody behind who holds its output: its own end is what counts, but for `ip`'s answers.
      child.on('exit', (code, signal) => {
        const how = signal === null ? `exit status ${code}` : `signal ${signal}`;
        if (child.stdout.readableEnded) finish(code, how);
        else {
          child.stdout.once('end', () => finish(code, how));
          this.#timers.after(KILL_AFTER_MS, () => finish(code, how));
        }
      });
    });
  }

  stream(argv: readonly string[], events: StreamEvents): Stream {
    const child = this.#start(argv, {});
    let gone = false;
    const leave = (how: string): void => {
      if (gone) return;
      gone = true;
      events.exit(how);
    };
    byLines(child.stdout, (text) => events.line(text));
    byLines(child.stderr, (text) => events.errorLine(text));
    child.stdin.on('error', () => {});
    child.on('error', (error) => leave(error.message));
    child.on('exit', (code, signal) => leave(signal === null ? `exit status ${code}` : `signal ${signal}`));
    return {
      write: (text) => {
        if (!gone) child.stdin.write(text);
      },
      finish: () => {
        child.stdin.end();
      },
      kill: () => {
        child.kill('SIGTERM');
      },
    };
  }

  #start(argv: readonly string[], options: Partial<ProcessOptions>): Child {
    const { uid, gid } = options;
    const env = options.env ?? this.#env;
    return startProcess(argv, { env, ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) });
  }
}

function endGroup(child: Child, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // All of it has ended.
  }
}

function byLines(stream: Child['stdout'], line: (text: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const one of lines) line(one);
  });
}
