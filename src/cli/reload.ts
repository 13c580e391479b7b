/** `tandem reload`: tells the running program to read its files again, by its stats socket, and says how that went. */
import { systemClock, systemTimers } from '../core/clock.ts';
import { ask, askFailure, chooseSocket, RELOAD_MS } from './admin-socket.ts';
import { withProgress } from './progress.ts';
import { EXIT_FAILED, EXIT_FINE, printProblems } from './run.ts';

const TIME = { clock: systemClock, timers: systemTimers };

export async function reloadCommand(files: readonly string[], socket: string | null): Promise<number> {
  const choice = chooseSocket({ socket, files });
  if (!choice.ok) {
    printProblems(choice.problems);
    process.stderr.write(`tandem: ${choice.message}\n`);
    return EXIT_FAILED;
  }
  try {
    return tell(await withProgress('reloading', ask(choice.path, 'reload', RELOAD_MS), process.stderr, TIME));
  } catch (error) {
    process.stderr.write(`tandem: ${askFailure(choice.path, error)}\n`);
    return EXIT_FAILED;
  }
}

/** `Success=0|1`, `--`, and what there is to say. */
function tell(answer: string): number {
  const [first = '', , ...lines] = answer.trimEnd().split('\n');
  const succeeded = first === 'Success=1';
  const said = first.startsWith('Success=') ? lines : [answer.trimEnd()];
  for (const line of said) process.stdout.write(`${line}\n`);
  return succeeded ? EXIT_FINE : EXIT_FAILED;
}
