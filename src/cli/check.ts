/** `tandem check`: is this configuration fine? Says everything that is not. */
import { hasErrors, loadConfiguration } from './configuration.ts';
import { EXIT_FAILED, EXIT_FINE, printProblems } from './run.ts';

export function checkCommand(paths: readonly string[]): number {
  const { problems } = loadConfiguration(paths, null);
  printProblems(problems);
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const warnings = problems.filter((problem) => problem.severity === 'warning').length;
  if (hasErrors(problems)) {
    process.stderr.write(`${count(errors, 'error')}, ${count(warnings, 'warning')}\n`);
    return EXIT_FAILED;
  }
  process.stdout.write(`Configuration file is valid${warnings === 0 ? '' : ` (${count(warnings, 'warning')})`}\n`);
  return EXIT_FINE;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
