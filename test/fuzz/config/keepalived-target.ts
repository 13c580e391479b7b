/** For keepalived.conf, any text gives a model or located errors. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadKeepalivedConfig } from '../../../src/config/keepalived/load.ts';
import type { Target } from '../engine/target.ts';
import { corpusOf, mutateLines, someText } from './mutate-lines.ts';
import { verdictOn } from './verdicts.ts';

const root = join(import.meta.dirname, '../../..');
const golden = join(root, 'test/config/golden/keepalived');

const read = (path: string): string => readFileSync(path, 'latin1');

interface Agreement {
  readonly cases: Readonly<Record<string, readonly string[]>>;
}
const agreement = JSON.parse(read(join(golden, 'agreement.json'))) as Agreement;

export const KEEPALIVED_CORPUS = corpusOf([
  read(join(root, 'examples/keepalived.conf')),
  ...readdirSync(golden)
    .filter((name) => name.endsWith('.conf'))
    .map((name) => read(join(golden, name))),
  ...Object.values(agreement.cases).map((lines) => `vrrp_instance V {\n${lines.join('\n')}\n}\n`),
]);

const FILE = 'fuzz.conf';
const context = {
  env: { X: 'value' },
  hostname: 'fuzz',
  readFile: (): Buffer => Buffer.from('interface eth0\n'),
  listFolder: (): string[] => ['a.conf', 'b.conf'],
};

export const KEEPALIVED_CONF: Target = {
  name: 'keepalived-conf',
  count: 1500,
  make: (random) => mutateLines(random, someText(random, KEEPALIVED_CORPUS), KEEPALIVED_CORPUS),
  check(input, tally) {
    const text = Buffer.from(input, 'latin1').toString();
    return verdictOn(() => loadKeepalivedConfig([{ name: FILE, text }], context), FILE, text, true, tally);
  },
  expected: ['accepted', 'refused'],
};
