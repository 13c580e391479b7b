/** `tandem migrate`: from haproxy and keepalived to Tandem and back; what differs, each step, and with --apply the deed. */
import type { PairModel } from '../config/pair-model.ts';
import type { Box } from '../setup/box.ts';
import { configuredHaproxyFile, leftBehind } from '../setup/left-behind.ts';
import {
  everythingThere,
  lookAtServices,
  type Memory,
  recall,
  stepsToHaproxy,
  stepsToTandem,
} from '../setup/migration.ts';
import { doAll, type Step, sayAll } from '../setup/steps.ts';
import { checkCommand } from './check.ts';
import { loadWhole } from './configuration.ts';
import { filesFor, HAPROXY_CFG, hindranceOf, install, KEEPALIVED_CONF, refuse, say } from './machine-setup.ts';
import { printProblems } from './run.ts';
import type { SetupArguments } from './setup-arguments.ts';

const EXIT_FINE = 0;
const EXIT_FAILED = 1;

export async function migrateCommand(given: SetupArguments, box: Box): Promise<number> {
  const args = { ...given, haproxyCfg: given.haproxyCfg ?? configuredHaproxyFile(box) };
  const now = await lookAtServices(box);
  if (now === null) return refuse('systemd does not run here (systemctl says nothing of its services)');
  return args.to === 'tandem' ? toTandem(args, box, now) : toHaproxy(args, box, now);
}

async function toTandem(args: SetupArguments, box: Box, now: Memory): Promise<number> {
  const files = filesFor(args, box);
  const missing = files.find((path) => !box.isThere(path));
  if (missing !== undefined) return refuse(`there is no ${missing}`);
  const hindrance = hindranceOf(files, box);
  if (hindrance !== null) return refuse(hindrance);
  say(`Files: ${files.join(', ')}`);
  if ((await check(files, box)) !== EXIT_FINE) {
    return refuse('these files ask for what Tandem cannot do (see above): nothing was done');
  }
  for (const line of leftBehind(box)) say(`note: ${line}`);
  await sayWhoIsMaster(files, box);
  const { steps, notes } = install(files, args, box);
  for (const note of notes) say(note);
  return deed([...steps, ...stepsToTandem(box, now, recall(box))], args, box, 'haproxy');
}

async function toHaproxy(args: SetupArguments, box: Box, now: Memory): Promise<number> {
  const remembered = recall(box);
  const before = remembered ?? everythingThere(now);
  if (remembered === null)
    say('note: nothing is remembered of before; all that is there of haproxy and keepalived is started');
  if (!before.haproxy.there && !before.keepalived.there) return refuse('there is neither haproxy nor keepalived here');
  const refused = box.root === '' ? await refusedByThem(args, box, before) : null;
  if (refused !== null) return refuse(refused);
  return deed(stepsToHaproxy(box, before), args, box, 'tandem');
}

async function deed(
  steps: readonly Step[],
  args: SetupArguments,
  box: Box,
  back: 'haproxy' | 'tandem',
): Promise<number> {
  if (args.dryRun) {
    sayAll(steps, say);
    say(`Nothing was done: tandem migrate --to ${args.to} --apply does it.`);
    return EXIT_FINE;
  }
  const goBack = `tandem migrate --to ${back} --apply`;
  if (await doAll(steps, box, say)) {
    say(`Done. To go back: ${goBack}`);
    return EXIT_FINE;
  }
  return refuse(`stopped at the step that failed. What is above it is done. To go back: ${goBack}`);
}

/** On a machine that is not this one only what is written can be judged. */
async function check(files: readonly string[], box: Box): Promise<number> {
  if (box.root === '') return checkCommand(files, null, false);
  const { problems } = loadWhole(files.map((path) => box.real(path)));
  printProblems(problems);
  return problems.some(({ severity }) => severity === 'error') ? EXIT_FAILED : EXIT_FINE;
}

/** They judge their own files, which may have been changed for Tandem meanwhile. null: they are fine with them. */
async function refusedByThem(args: SetupArguments, box: Box, before: Memory): Promise<string | null> {
  const checks: readonly (readonly [boolean, readonly string[]])[] = [
    [before.haproxy.there, ['haproxy', '-c', '-q', '-f', args.haproxyCfg ?? HAPROXY_CFG]],
    [before.keepalived.there, ['keepalived', '-t', '-f', args.keepalivedConf ?? KEEPALIVED_CONF]],
  ];
  for (const [there, argv] of checks) {
    if (!there) continue;
    const { ok, output } = await box.run(argv);
    if (!ok) return `${argv.join(' ')}: ${output.trim()}\nnothing was done`;
  }
  return null;
}

/** Whoever has the addresses is taken last. */
async function sayWhoIsMaster(files: readonly string[], box: Box): Promise<void> {
  if (box.root !== '') return;
  const { pair } = loadWhole(files.map((path) => box.real(path)));
  const { ok, output } = await box.run(['ip', '-o', 'addr', 'show']);
  if (pair === null || !ok) return;
  const held = virtualAddresses(pair).filter((ip) => output.includes(` ${ip}/`));
  if (held.length > 0)
    say(`note: this box has ${held.join(', ')} now: take the other box first, and see that it serves`);
}

function virtualAddresses({ instances }: PairModel): readonly string[] {
  return instances.flatMap(({ addresses }) => addresses.map(({ ip }) => ip));
}
