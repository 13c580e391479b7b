// npm run bench:l4, as root: what a connection, a request and a MiB cost by NAT and DR in the kernel, by proxies, and by plain
// routing, in network namespaces; bench/README.md says how to read it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { allowedCores } from './cores.mjs';
import { parseL4Options, USAGE } from './l4/options.mjs';
import { askedLines, workResult, workTable } from './l4/result.mjs';
import { Stage } from './l4/stage.mjs';
import { WAYS } from './l4/ways.mjs';
import { does, WORKS } from './l4/works.mjs';
import { describeMachine, missingPrograms, NEEDED } from './machine.mjs';
import { Programs } from './programs.mjs';
import { turned } from './rounds.mjs';

const FORMAT = 1;
const WARM_SECONDS = 1;
const settings = parseL4Options(process.argv.slice(2));
if (settings.error !== undefined) {
  console.error(`${settings.error}\n${USAGE}`);
  process.exit(2);
}
if (process.getuid() !== 0) {
  console.error('bench:l4 makes network namespaces: run it as root');
  process.exit(1);
}
const missing = missingPrograms({ ...NEEDED, haproxy: 'haproxy', ip: 'iproute2', nft: 'nftables', curl: 'curl' });
if (missing.length > 0) {
  console.error(`the bench needs more programs: apt-get install ${missing.join(' ')}`);
  process.exit(1);
}

const { rounds, seconds, ways } = settings;
const works = WORKS.filter(({ name }) => settings.only.test(name));
// One for everything, so that a rate is the inverse of what the work costs; the others are left to the machine.
const core = allowedCores().at(-1);
const machine = describeMachine();
const record = {
  format: FORMAT,
  started: new Date().toISOString(),
  machine,
  settings: { ...settings, core },
  works: [],
};
for (const line of machine.lines) console.log(line);
console.log(`${rounds} rounds of ${seconds} s; client, balancers and servers on core ${core}; medians (least–most)`);

const programs = new Programs();
const folder = mkdtempSync(join(tmpdir(), 'tandem-l4-'));
const stage = new Stage(programs, [core], folder);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stage.stop().finally(() => process.exit(1)));
try {
  await stage.start(ways);
  for (const work of works) {
    const own = ways.filter((way) => does(work, WAYS[way]));
    stage.segments(work.segments);
    if (work === works[0]) for (const way of own) await stage.measure(way, work, WARM_SECONDS);
    const samples = new Map(own.map((way) => [way, []]));
    for (let round = 0; round < rounds; round++)
      for (const way of turned(own, round)) samples.get(way).push(await stage.measure(way, work, seconds));
    const result = workResult(work, samples);
    record.works.push(result);
    console.log(`\n${workTable(result)}`);
  }
  console.log(`\n${askedLines(record.works).join('\n')}`);
} finally {
  await stage.stop();
  rmSync(folder, { recursive: true, force: true });
}
const file = settings.json === '' ? join(import.meta.dirname, 'out', 'l4.json') : settings.json;
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(record, null, 1)}\n`);
console.log(`\n${file}`);
