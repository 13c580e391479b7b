/** `tandem-keepalived -t`: says what is wrong with the file and ends as keepalived does: 0 fine, 5 not. */
import { appendFileSync } from 'node:fs';
import { countsInTest } from '../config/keepalived/counted-warnings.ts';
import { formatProblem } from '../config/report.ts';
import { loadPairConfiguration } from './configuration.ts';
import type { KeepalivedArguments } from './keepalived-arguments.ts';

/** KEEPALIVED_CHK_EXIT_CONFIG_TEST and KEEPALIVED_CHK_EXIT_CONFIG. */
const EXIT_PROBLEMS = 5;
const EXIT_UNREADABLE = 4;
const EXIT_FINE = 0;
const EXIT_FAILED = 1;

export function testKeepalived(args: KeepalivedArguments): number {
  const { problems } = loadPairConfiguration([args.file], args.configId, args.strictIncludes);
  const text = problems.map((problem) => `${formatProblem(problem)}\n`).join('');
  try {
    if (args.testLog === null) process.stderr.write(text);
    else appendFileSync(args.testLog, text);
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : String(failure);
    process.stderr.write(`cannot write '${args.testLog}': ${why}\n`);
    return EXIT_FAILED;
  }
  if (problems.some(({ code, file }) => code === 'unreadable-file' && file === args.file)) return EXIT_UNREADABLE;
  return problems.some(countsInTest) ? EXIT_PROBLEMS : EXIT_FINE;
}
