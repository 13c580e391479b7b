/** For haproxy.cfg, any text gives a model or located errors, and a model gives a plan. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';
import { compilePlan, type Surroundings } from '../../../src/daemon/compile.ts';
import type { HostAddress } from '../../../src/daemon/resolve.ts';
import { finding, type Target } from '../engine/target.ts';
import { corpusOf, mutateLines, someText } from './mutate-lines.ts';
import { verdictOn } from './verdicts.ts';

const root = join(import.meta.dirname, '../../..');
const golden = join(root, 'test/config/golden');

/** As bytes: a latin1 string. */
const read = (path: string): string => readFileSync(path, 'latin1');

interface Agreement {
  readonly cases: Readonly<Record<string, readonly string[]>>;
}
const agreement = JSON.parse(read(join(golden, 'agreement.json'))) as Agreement;

export const HAPROXY_CORPUS = corpusOf([
  read(join(root, 'examples/haproxy.cfg')),
  ...readdirSync(golden)
    .filter((name) => name.endsWith('.cfg'))
    .map((name) => read(join(golden, name))),
  ...Object.values(agreement.cases).map((lines) => `listen l\n${lines.join('\n')}\n`),
]);

const FILE = 'fuzz.cfg';
const context = {
  env: { X: 'value', HOME: '/root' },
  hostname: 'fuzz',
  readFile: (path: string): Buffer => {
    if (!path.endsWith('.http')) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return Buffer.from('HTTP/1.0 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno');
  },
};

/** Every name is somewhere. */
class Everywhere extends Map<string, HostAddress> {
  override get(): HostAddress {
    return { family: 4, ip: '192.0.2.1' };
  }
}

const SURROUNDINGS: Surroundings = {
  generation: 1,
  threads: 2,
  maxconn: 1000,
  defaultProxyMaxconn: 0,
  logPid: 42,
  privileges: { uid: 99, gid: 98, chroot: null },
  sharedStateFd: 4,
  listeners: [],
  addresses: new Everywhere(),
  hostname: 'fuzz',
  descriptors: new Map(),
};

/** Where something is that JSON does not carry; the plan goes to the data process that way. */
function impurity(value: unknown, path: string): string | null {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${path}: ${value}`;
  if (typeof value !== 'object') return `${path}: ${typeof value}`;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return `${path}: an instance`;
  for (const [key, one] of Object.entries(value)) {
    const fault = impurity(one, `${path}.${key}`);
    if (fault !== null) return fault;
  }
  return null;
}

export const HAPROXY_CFG: Target = {
  name: 'haproxy-cfg',
  count: 1000,
  make: (random) => mutateLines(random, someText(random, HAPROXY_CORPUS), HAPROXY_CORPUS),
  check(input, tally) {
    const text = Buffer.from(input, 'latin1').toString();
    const load = () => loadHaproxyConfig([{ name: FILE, text }], context);
    const verdict = verdictOn(load, FILE, text, false, tally);
    if (verdict !== null) return verdict;
    const { model } = load();
    if (model === null) return null;
    const fault = impurity(compilePlan(model, SURROUNDINGS), 'plan');
    return fault === null ? null : finding('a plan that JSON would change', fault);
  },
  expected: ['accepted', 'refused'],
};
