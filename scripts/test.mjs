// `npm test`: runs vitest (arguments pass through), then says what was left out and why, then one line with the counts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'));
const resultsFile = join(folder, 'results.json');
const leftOutFile = join(folder, 'left-out');

const vitest = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${resultsFile}`,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { ...process.env, TANDEM_TEST_LEFT_OUT: leftOutFile } },
);

let passed = 0;
let failed = 0;
const secondTries = [];
if (existsSync(resultsFile)) {
  const results = JSON.parse(readFileSync(resultsFile, 'utf8'));
  passed = results.numPassedTests;
  failed = results.numFailedTests;
  // A file that could not even be loaded has no failed test in it.
  for (const file of results.testResults) {
    const tests = file.assertionResults;
    for (const test of tests) {
      if (test.status === 'passed' && test.failureMessages.length > 0) secondTries.push(test.fullName);
    }
    if (file.status === 'failed' && !tests.some((test) => test.status === 'failed')) failed += 1;
  }
}
// An error outside of any test (an unhandled rejection, vitest itself) fails the run too.
if (vitest.status !== 0 && failed === 0) failed = 1;

const leftOut = existsSync(leftOutFile) ? readFileSync(leftOutFile, 'utf8').split('\n').filter(Boolean) : [];
rmSync(folder, { recursive: true, force: true });
for (const line of new Set(leftOut)) console.log(line);
for (const name of secondTries) console.log(`passed at its second try only: ${name}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
