/** What `tandem install` and `tandem migrate` have in common: the files that are meant, and steps on their way to the terminal. */
import { readFileSync } from 'node:fs';
import type { Model } from '../config/model.ts';
import type { Box } from '../setup/box.ts';
import { installSteps, type Steps } from '../setup/install.ts';
import { isPlainPath, packagedFiles } from '../setup/packaged-files.ts';
import { isHidden, programOf } from '../setup/program.ts';
import { doAll, sayAll } from '../setup/steps.ts';
import { loadWhole } from './configuration.ts';
import type { SetupArguments } from './setup-arguments.ts';

const EXIT_FINE = 0;
const EXIT_FAILED = 1;
export const HAPROXY_CFG = '/etc/haproxy/haproxy.cfg';
export const KEEPALIVED_CONF = '/etc/keepalived/keepalived.conf';

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function refuse(message: string): number {
  process.stderr.write(`tandem: ${message}\n`);
  return EXIT_FAILED;
}

/** Those that are there; where neither is, both, as that is what will be. */
export function filesFor({ haproxyCfg, keepalivedConf }: SetupArguments, box: Box): readonly string[] {
  const named = [haproxyCfg ?? HAPROXY_CFG, keepalivedConf ?? KEEPALIVED_CONF];
  const there = named.filter((path) => path === haproxyCfg || path === keepalivedConf || box.isThere(path));
  return there.length === 0 ? named : there;
}

/** null: a unit can have these files, and this program; where that will be on another machine is not known here. */
export function hindranceOf(files: readonly string[], box: Box): string | null {
  const odd = files.find((path) => !isPlainPath(path));
  if (odd !== undefined) return `'${odd}' is no absolute path that a unit can hold without quotes`;
  const programs = box.root === '' ? program().split(' ') : [];
  const unseen = [...files, ...programs].find((path) => isHidden(path));
  return unseen === undefined
    ? null
    : `${unseen} cannot be seen by the service, whose unit hides home and temporary folders`;
}

export function install(files: readonly string[], { force }: SetupArguments, box: Box): Steps {
  const unit = readFileSync(new URL('../../examples/tandem.service', import.meta.url), 'utf8');
  const input = {
    unit,
    program: program(),
    files,
    model: modelOf(files, box),
    hasRsyslog: box.isThere('/etc/rsyslog.d'),
  };
  return installSteps(packagedFiles(input), box, force);
}

/** What is wrong with the files is not the question here. */
function modelOf(files: readonly string[], box: Box): Model | null {
  const there = files.filter((path) => box.isThere(path));
  return there.length === 0 ? null : loadWhole(there.map((path) => box.real(path))).model;
}

function program(): string {
  return programOf({ script: process.argv[1] ?? 'tandem', node: process.execPath });
}

export async function carryOut({ steps, notes }: Steps, { dryRun }: SetupArguments, box: Box): Promise<number> {
  for (const note of notes) say(note);
  if (dryRun) sayAll(steps, say);
  else if (!(await doAll(steps, box, say))) return EXIT_FAILED;
  if (steps.length === 0) say('Nothing is to be done.');
  else if (dryRun) say('Nothing was done.');
  return EXIT_FINE;
}
