/** `tandem check`: is this configuration fine? Says everything that is not. */
import { preflight } from '../daemon/preflight.ts';
import { loadConfiguration } from './configuration.ts';
import { EXIT_FAILED, EXIT_FINE, printProblems } from './run.ts';

export async function checkCommand(paths: readonly string[]): Promise<number> {
  const { model, problems: written } = loadConfiguration(paths, null);
  const outcome = model === null ? null : await preflight(model, false);
  const here = outcome === null || outcome.ok ? [] : outcome.problems;
  const problems = [...written, ...here];
  printProblems(problems);
  const message = outcome === null || outcome.ok ? null : outcome.message;
  if (message !== null) process.stderr.write(`error: ${message}\n`);
  const warnings = count(problems.filter(({ severity }) => severity === 'warning').length, 'warning');
  if (outcome === null || !outcome.ok) {
    const errors = problems.filter(({ severity }) => severity === 'error').length + (message === null ? 0 : 1);
    process.stderr.write(`${count(errors, 'error')}, ${warnings}\n`);
    return EXIT_FAILED;
  }
  process.stdout.write(`Configuration file is valid${warnings === '0 warnings' ? '' : ` (${warnings})`}\n`);
  return EXIT_FINE;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
