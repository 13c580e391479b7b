/** `log-format` and its kin, `capture`, `log … sample`: accepted and refused as by the real haproxy, and what they mean. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readFileBytes } from '../../../src/config/files.ts';
import { loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';
import { parseLogFormat } from '../../../src/config/haproxy/log-format.ts';
import { LOG_VARIABLES } from '../../../src/config/haproxy/log-variables.ts';
import type { TrafficLogging } from '../../../src/config/log-model.ts';
import { formatProblem } from '../../../src/config/report.ts';
import { PLACE_LOG } from '../../../src/config/sample-model.ts';
import { LOG_VARIABLE_NAMES } from '../../../src/proxy/log/parts.ts';
import { describeWithPeer, programPath } from '../../support/peers.ts';
import { SeededRandom } from '../../support/random.ts';

type Place = 'http' | 'tcp' | 'defaults' | 'backend' | 'frontend' | 'below';

const TIMEOUTS = '  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n';
const LISTEN = 'listen l\n  bind 127.0.0.1:20080\n  log 127.0.0.1 local0\n  server s 127.0.0.1:20079\n';

function wholeFile(place: Place, lines: string): string {
  switch (place) {
    case 'http':
      return `defaults\n  mode http\n${TIMEOUTS}${LISTEN}  ${lines}\n`;
    case 'tcp':
      return `defaults\n${TIMEOUTS}${LISTEN}  ${lines}\n`;
    case 'defaults':
      return `defaults\n  mode http\n${TIMEOUTS}  ${lines}\n${LISTEN}`;
    // Nothing takes them over.
    case 'below':
      return `defaults\n  mode http\n${TIMEOUTS}${LISTEN}defaults\n${TIMEOUTS}  ${lines}\n`;
    case 'backend':
      return `defaults\n  mode http\n${TIMEOUTS}backend b\n  server s 127.0.0.1:20079\n  ${lines}\n`;
    case 'frontend':
      return `defaults\n  mode http\n${TIMEOUTS}frontend f\n  bind 127.0.0.1:20080\n  ${lines}\n`;
  }
}

function load(place: Place, lines: string) {
  return loadHaproxyConfig([{ name: 'a.cfg', text: wholeFile(place, lines) }], { env: {}, readFile: readFileBytes });
}

function loggingOf(lines: string, place: Place = 'http'): TrafficLogging {
  const { model, problems } = load(place, lines);
  const proxy = model?.proxies[0];
  if (proxy === undefined) throw new Error(problems.map(formatProblem).join('\n'));
  return proxy.logging;
}

function namesOf(http: boolean): string[] {
  return [...LOG_VARIABLES].filter(([, variable]) => variable.http === http).map(([name]) => `%${name}`);
}

const CASES: readonly (readonly [Place, string])[] = [
  ['http', `log-format "${[...LOG_VARIABLES.keys()].map((name) => `%${name}`).join(' ')}"`],
  ['tcp', `log-format "${namesOf(false).join(' ')}"`],
  ...namesOf(true).map((name): [Place, string] => ['tcp', `log-format ${name}`]),
  ...(
    [
      'log-format',
      'log-format ""',
      'log-format a b',
      'log-format a\\ b',
      'log-format "%"',
      'log-format "x %"',
      'log-format "%%"',
      'log-format "% x"',
      'log-format "%1"',
      'log-format "%-"',
      'log-format "%zz"',
      'log-format "%cix"',
      'log-format "%ci%cp"',
      'log-format "%{+Q}"',
      'log-format "%{+Q}1"',
      'log-format "%{+Q} x"',
      'log-format "%{+Q}o"',
      'log-format "%{+Q"',
      'log-format "%{bogus,+Q,-}ci"',
      'log-format "%{}ci"',
      'log-format "%o"',
      'log-format "%["',
      'log-format "%[src"',
      'log-format "%[src]"',
      'log-format "%[src,]"',
      'log-format "%[bogus]"',
      'log-format "%{+Q}[src]"',
      'log-format "%[req.hdr(host)]"',
      'log-format "%[capture.req.hdr(0)]"',
      'log-format "%[src,bogus]"',
      'log-format-sd "[a b=%ci]"',
      'log-format-sd "%zz"',
      'log-format-sd',
      'error-log-format "%ci"',
      'error-log-format "%zz"',
      'error-log-format',
      'unique-id-format "%ci-%rt"',
      'unique-id-format "%[req.hdr(host)]"',
      'unique-id-format "%[res.hdr(host)]"',
      'unique-id-format "%zz"',
      'unique-id-format',
      'unique-id-header X-ID',
      'unique-id-header',
      'capture request header Host len 10',
      'capture request header Host len',
      'capture request header Host 10',
      'capture request header Host len 10 20',
      'capture request Host len 10',
      'capture response header Host len 10',
      'capture response header',
      'capture cookie X len 10',
      'capture cookie X len',
      'capture cookie X len 100',
      'capture cookie X len 10 more',
      'capture cookie X len 10 more still',
      'capture bogus',
      'capture',
      'option logasap',
      'no option logasap',
      'option dontlog-normal',
      'option log-separate-errors',
      'option logasap yes',
      'no log-format %ci',
      'log 127.0.0.1 sample 1:10 local0',
      'log 127.0.0.1 len 100 format raw sample 1,3-5:10 local0 info',
      'log 127.0.0.1 sample 1 local0',
      'log 127.0.0.1 sample :10 local0',
      'log 127.0.0.1 sample 0:10 local0',
      'log 127.0.0.1 sample 1-1:10 local0',
      'log 127.0.0.1 sample 5-3:10 local0',
      'log 127.0.0.1 sample 1,1:10 local0',
      'log 127.0.0.1 sample 1-4,3:10 local0',
      'log 127.0.0.1 sample 1-11:10 local0',
      'log 127.0.0.1 sample 1:0 local0',
      'log 127.0.0.1 sample 1:x local0',
      'log 127.0.0.1 sample a:10 local0',
      'log 127.0.0.1 sample 3,1:10 local0',
      'log 127.0.0.1 sample 1,:10 local0',
    ] as const
  ).map((lines): [Place, string] => ['http', lines]),
  ['tcp', 'log-format "%ci" \n  unique-id-format "%HU"'],
  ['tcp', 'error-log-format "%HU"'],
  ['tcp', 'log-format-sd "%tr"'],
  ['tcp', 'capture cookie X len 10'],
  ['tcp', 'capture request header Host len 10'],
  ['tcp', 'unique-id-header X-ID'],
  ['defaults', 'capture request header Host len 10'],
  ['defaults', 'log-format %ci\n  option httplog'],
  ['defaults', 'option tcplog\n  log-format %ci'],
  ['defaults', 'log-format %zz'],
  ['below', 'log-format %zz'],
  ['backend', 'log-format %zz'],
  ['backend', 'log-format-sd %zz'],
  ['backend', 'error-log-format %zz'],
  ['backend', 'unique-id-format %zz'],
  ['backend', 'unique-id-format "%[req.hdr(host)]"'],
  ['backend', 'capture request header Host len 10'],
  ['backend', 'option logasap'],
  ['frontend', 'log-format %ci'],
  ['frontend', 'log-format-sd %ci'],
];

describeWithPeer('haproxy', 'log formats and haproxy -c', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-formats-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(CASES)('%s: %j', (place, lines) => {
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, wholeFile(place, lines));
    const run = spawnSync(programPath('haproxy'), ['-c', '-f', file], { encoding: 'utf8' });
    const { model, problems } = load(place, lines);
    const said = `haproxy: ${run.stdout}${run.stderr}\ntandem: ${problems.map(formatProblem).join('\n')}`;
    // 2: nothing to serve.
    expect(model !== null, said).toBe(run.status === 0 || run.status === 2);
  });
});

describe('a log format', () => {
  it('has a writer for each of its variables', () => {
    expect([...LOG_VARIABLES.keys()].sort()).toEqual([...LOG_VARIABLE_NAMES].sort());
  });

  it('that is wrong is shown with its place', () => {
    const { problems } = load('http', 'log-format "x %zz"');
    expect(problems.map(formatProblem).join('\n')).toContain('a.cfg:10:14');
    expect(problems[0]?.message).toContain("no such format variable 'zz'");
  });

  it('is parts or an error, whatever is written', () => {
    const random = new SeededRandom(11);
    const pieces = [
      '%',
      '{',
      '}',
      '+Q',
      '[',
      ']',
      'src',
      'ci',
      ' ',
      ',',
      '(',
      ')',
      '"',
      '\\',
      'o',
      '1',
      '-',
      'hr',
      'é',
      '%%',
    ] as const;
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from({ length: 1 + random.below(12) }, (): string => random.pick(pieces)).join('');
      const { parts, error } = parseLogFormat(text, { http: true, flags: 8, places: PLACE_LOG });
      expect(parts === null, text).toBe(error !== null);
    }
  });

  it('of the defaults holds until another one is written', () => {
    const text = `defaults\n  mode http\n${TIMEOUTS}  log 127.0.0.1 local0\n  log-format "a %ci"\n  unique-id-format %rt\n  unique-id-header X-ID\n  error-log-format e\nfrontend a\n  bind 127.0.0.1:20080\nfrontend b\n  bind 127.0.0.1:20081\n  option httplog\nbackend c\n  server s 127.0.0.1:20079\n`;
    const { model } = loadHaproxyConfig([{ name: 'a.cfg', text }], { env: {}, readFile: readFileBytes });
    const [a, b, c] = model?.proxies ?? [];
    expect([a?.trafficLog, b?.trafficLog, c?.trafficLog]).toEqual(['format', 'httplog', 'none']);
    expect(a?.logging.line?.length).toBe(3);
    expect(b?.logging.line).toBeNull();
    expect([a, b].map((proxy) => proxy?.logging.uniqueIdHeader)).toEqual(['X-ID', 'X-ID']);
    expect(b?.logging.errors).toEqual([{ kind: 'text', text: 'e' }]);
    expect(c?.logging.uniqueId).toBeNull();
  });

  it.each([
    ['log-format "%ci %B"', 'end'],
    ['log-format "%ci %r"', 'response'],
    ['log-format "%r %f"', 'request'],
    ['log-format "%r %f"\n  capture request header Host len 1', 'response'],
    ['log-format "%r %f"\n  unique-id-format %ac', 'end'],
    ['option httplog', 'end'],
    ['option httplog\n  option logasap', 'response'],
    ['option tandem-jsonlog', 'end'],
  ])('%s is due at the %s', (lines, moment) => {
    expect(loggingOf(lines).moment).toBe(moment);
  });

  it('of an option is taken apart only where its own writer says too little', () => {
    expect(loggingOf('option httplog').line).toBeNull();
    expect(loggingOf('option httplog\n  capture request header Host len 1').line).not.toBeNull();
    expect(loggingOf('option httplog\n  option logasap').line).not.toBeNull();
  });

  it('as JSON needs room for an object', () => {
    const { model, problems } = load('http', 'option tandem-jsonlog\n  log 127.0.0.1 len 200 local0');
    expect(model).toBeNull();
    expect(problems.at(-1)?.message).toContain("needs 'len 1024' or more");
  });
});
