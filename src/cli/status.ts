/**
 * `tandem status`: both halves at a glance, once or again and again. Its exit code is for scripts and container health checks:
 * 0 all is well, 3 it serves but something is lost, 1 something does not serve, or nobody answers.
 */
import type { Status } from '../admin/status.ts';
import { statusLines } from '../admin/status-text.ts';
import { renderLine } from '../admin/text-line.ts';
import { systemTimers } from '../core/clock.ts';
import { chooseSocket, type WhichSocket } from './admin-socket.ts';
import { environment } from './environment.ts';
import { EXIT_FAILED, EXIT_FINE, printProblems } from './run.ts';
import { Screen } from './screen.ts';
import { askStatus, type StatusAnswer } from './status-source.ts';
import { type Terminal, terminalOf } from './terminal.ts';

export const EXIT_WARNING = 3;
const EVERY_MS = 1000;
const EVENTS_SHOWN = 8;

export interface StatusOptions extends WhichSocket {
  readonly json: boolean;
  readonly watch: boolean;
  /** Every server of every backend. */
  readonly all: boolean;
}

export async function statusCommand(options: StatusOptions): Promise<number> {
  const choice = chooseSocket(options);
  if (!choice.ok) {
    printProblems(choice.problems);
    process.stderr.write(`tandem: ${choice.message}\n`);
    return EXIT_FAILED;
  }
  if (options.watch) return watch(choice.path, options);
  const answer = await askStatus(choice.path);
  if (!answer.ok) {
    process.stderr.write(`tandem: ${answer.message}\n`);
    return EXIT_FAILED;
  }
  const terminal = terminalOf(process.stdout, environment);
  process.stdout.write(options.json ? `${answer.json}\n` : `${shown(answer.status, terminal, options).join('\n')}\n`);
  return exitCodeOf(answer);
}

export function shown(status: Status, { width, paint }: Terminal, { all }: { readonly all: boolean }): string[] {
  return statusLines(status, { events: EVENTS_SHOWN, allServers: all }).map((line) =>
    renderLine(line, width, paint).trimEnd(),
  );
}

export function exitCodeOf(answer: StatusAnswer): number {
  if (!answer.ok || answer.status.health === 'failed') return EXIT_FAILED;
  return answer.status.health === 'warning' ? EXIT_WARNING : EXIT_FINE;
}

/** Until `q`, or an interrupt; ends with the code of what was seen last. */
async function watch(path: string, options: StatusOptions): Promise<number> {
  let over = false;
  let pause: () => void = () => {};
  const stop = (): void => {
    over = true;
    pause();
  };
  const { stdin, stdout } = process;
  const onScreen = stdout.isTTY && !options.json;
  const screen = onScreen
    ? new Screen(
        stdin,
        stdout,
        (key) => key === 'q' && stop(),
        () => pause(),
      )
    : null;
  if (screen === null) process.on('SIGINT', stop).on('SIGTERM', stop);
  let answer: StatusAnswer = { ok: false, message: '' };
  while (!over) {
    answer = await askStatus(path);
    const terminal = terminalOf(stdout, environment);
    const lines = answer.ok ? shown(answer.status, terminal, options) : [terminal.paint('bad', answer.message)];
    if (screen !== null) screen.draw(lines);
    else if (answer.ok) stdout.write(options.json ? `${answer.json}\n` : `${lines.join('\n')}\n\n`);
    else process.stderr.write(`tandem: ${answer.message}\n`);
    if (over) break;
    await new Promise<void>((resolve) => {
      const timer = systemTimers.after(EVERY_MS, resolve);
      pause = () => {
        timer.cancel();
        resolve();
      };
    });
  }
  screen?.close();
  return exitCodeOf(answer);
}
