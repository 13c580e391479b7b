// `npm test`: runs vitest (arguments pass through), then says what was left out and why, then one line with the counts.
//
// Without arguments in two lanes, because some tests mostly wait: `unit` and then `e2e`, beside them `beside`, whose
// output comes when it has ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'));
const leftOutFile = join(folder, 'left-out');
/** Which ports tests have been given (test/support/ports.ts). */
const portsFolder = join(folder, 'ports');
mkdirSync(portsFolder);

const given = process.argv.slice(2);
const lanes =
  given.length > 0
    ? [given]
    : [
        ['--project', 'unit', '--project', 'e2e'],
        ['--project', 'beside'],
      ];
const results = await Promise.all(lanes.map(runLane));

const counts = { passed: 0, failed: 0 };
const secondTries = [];
for (const { output, status, file } of results) {
  process.stdout.write(output);
  const { passed, failed } = existsSync(file)
    ? countsOf(JSON.parse(readFileSync(file, 'utf8')))
    : { passed: 0, failed: 0 };
  counts.passed += passed;
  // An error outside of any test (an unhandled rejection, vitest itself) fails the run too.
  counts.failed += status !== 0 && failed === 0 ? 1 : failed;
}

const leftOut = existsSync(leftOutFile) ? readFileSync(leftOutFile, 'utf8').split('\n').filter(Boolean) : [];
rmSync(folder, { recursive: true, force: true });
for (const line of new Set(leftOut)) console.log(line);
for (const name of secondTries) console.log(`passed at its second try only: ${name}`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** The first lane speaks at once, another one when all have ended. */
async function runLane(args, index) {
  const file = join(folder, `results-${index}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const vitest = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args], {
    stdio: index === 0 ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TANDEM_TEST_LEFT_OUT: leftOutFile, TANDEM_TEST_PORTS: portsFolder },
  });
  let output = '';
  for (const stream of [vitest.stdout, vitest.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const [status] = await once(vitest, 'close');
  return { output, status, file };
}

function countsOf(results) {
  let failed = results.numFailedTests;
  for (const { assertionResults: tests, status } of results.testResults) {
    for (const test of tests) {
      if (test.status === 'passed' && test.failureMessages.length > 0) secondTries.push(test.fullName);
    }
    // A file that could not even be loaded has no failed test in it.
    if (status === 'failed' && !tests.some((test) => test.status === 'failed')) failed += 1;
  }
  return { passed: results.numPassedTests, failed };
}
