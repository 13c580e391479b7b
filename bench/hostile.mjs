// npm run hostile: every hostile case through Tandem, haproxy and nginx, and one judge for all. The cases, the judge and
// both ends of the wire are test/e2e/hostile, compiled into bench/out/hostile; what is here starts programs and counts.
// Exit status 1 when Tandem gets a case wrong.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseOptions, USAGE } from './hostile/options.mjs';
import { PEERS, startPeer } from './hostile/peers.mjs';
import { countTable, document, failureLines, outcomeLines } from './hostile/table.mjs';
import { describeMachine } from './machine.mjs';
import { REQUEST_GROUPS } from './out/hostile/cases/request-cases.js';
import { RESPONSE_CASES } from './out/hostile/cases/response-cases.js';
import { judgeRequest, judgeResponse } from './out/hostile/judge.js';
import { requestOutcome, responseOutcome } from './out/hostile/outcome.js';
import { Stand } from './out/hostile/stand.js';
import { freePorts } from './ports.mjs';
import { ENVIRONMENT, Programs } from './programs.mjs';

const settings = parseOptions(process.argv.slice(2));
if (settings.error !== undefined) {
  console.error(`${settings.error}\n${USAGE}`);
  process.exit(2);
}

const wanted = ({ id }) => id.startsWith(settings.only);
const groups = [...REQUEST_GROUPS, { letter: 'J', title: 'bad servers', cases: RESPONSE_CASES }]
  .map(({ letter, title, cases }) => {
    const isResponse = letter === 'J';
    return {
      letter,
      title,
      cases: cases
        .filter(wanted)
        .map((one) => ({ id: one.id, rfc: one.rfc, why: one.why, one, isResponse, faults: {}, outcomes: {} })),
    };
  })
  .filter(({ cases }) => cases.length > 0);
const all = groups.flatMap(({ cases }) => cases);
if (all.length === 0) {
  console.error(`no case begins with ${settings.only}`);
  process.exit(2);
}
if (settings.list) {
  for (const { id, one } of all) console.log(`${id}\t${one.expect}\tRFC ${one.rfc}\t${one.why}`);
  process.exit(0);
}

const peers = settings.peers.filter((name) => {
  const { program, debian } = PEERS[name];
  if (debian === undefined || spawnSync('sh', ['-c', `command -v ${program}`], { env: ENVIRONMENT }).status === 0)
    return true;
  console.log(`${name} is left out: apt-get install ${debian}`);
  return false;
});

/** Some proxies never say that nothing comes any more. */
const GIVE_UP_MS = 10_000;

const programs = new Programs();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => programs.stop().finally(() => process.exit(1)));
}

/** Cases that wait for timeouts first, so that the others are done meanwhile. */
const inOrder = [...all].sort((a, b) => Number(b.id.startsWith('I-silence')) - Number(a.id.startsWith('I-silence')));

async function runPeer(name) {
  const stand = await Stand.of(settings.lanes, async () => (await freePorts(1))[0], GIVE_UP_MS);
  const { program, stop } = await startPeer(programs, name, stand.layout);
  await stand.run(inOrder, async (lane, entry) => {
    if (program.ended) return;
    const { one } = entry;
    const view = entry.isResponse ? await lane.response(one) : await lane.request(one);
    entry.faults[name] = entry.isResponse ? judgeResponse(one, view) : judgeRequest(one, view);
    entry.outcomes[name] = entry.isResponse ? responseOutcome(one, view) : requestOutcome(one, view);
  });
  // What is left when it has died is not done right.
  if (program.ended) for (const { faults } of all) faults[name] ??= [`${name} has died`];
  await stop();
  await stand.close();
  return /\b(epoll|io_uring)\b/.exec(program.output)?.[0];
}

const { tandem, node, haproxy, nginx } = describeMachine();
const versionOf = { haproxy: `haproxy ${haproxy}`, nginx: `nginx ${nginx}` };
const versions = [];
const begunMs = performance.now();
try {
  for (const name of peers) {
    const engine = await runPeer(name);
    versions.push(versionOf[name] ?? `${name} ${tandem} on Node ${node}${engine === undefined ? '' : ` (${engine})`}`);
  }
} finally {
  await programs.stop();
}

console.log(`${versions.join(', ')}; ${Math.round((performance.now() - begunMs) / 1000)} s\n`);
console.log(`${countTable(groups, peers)}\n`);
if (settings.verbose) {
  for (const one of all) console.log(`${one.id} (${one.one.expect})\n${outcomeLines(one, peers)}`);
}
const own = peers.filter((name) => PEERS[name].debian === undefined);
let failed = false;
for (const name of settings.verbose ? peers : own) {
  const lines = failureLines(groups, name);
  failed ||= own.includes(name) && lines.length > 0;
  console.log(lines.length === 0 ? `${name}: all right` : `${name}: ${lines.length} wrong`);
  for (const line of lines) console.log(`  ${line}`);
}
if (settings.json !== '') {
  const cases = all.map(({ one, ...rest }) => ({ ...rest, expect: one.expect }));
  writeFileSync(settings.json, `${JSON.stringify({ versions, started: new Date().toISOString(), cases }, null, 2)}\n`);
}
if (settings.markdown !== '') {
  const command = `npm run hostile -- --markdown ${settings.markdown}`;
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(settings.markdown, document({ groups, peers, versions, day, command }));
}
process.exitCode = failed ? 1 : 0;
