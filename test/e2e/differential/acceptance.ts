/**
 * Worlds that both programs accept: a line that one of them refuses is taken out of its world, and named. What `haproxy -c`
 * says against no line is said against the whole world.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileBytes } from '../../../src/config/files.ts';
import { loadHaproxyConfig } from '../../../src/config/haproxy/load.ts';
import { programPath } from '../../support/peers.ts';
import { configurationOf, type LineSource } from './configuration-text.ts';
import type { Places } from './places.ts';
import type { World } from './world.ts';

interface Complaint {
  readonly world: number;
  readonly source: LineSource | undefined;
  readonly line: string;
  readonly says: string;
}

/** What somebody had against a line, or against a world. */
export interface Refusal {
  readonly by: 'haproxy' | 'tandem' | 'both';
  readonly line: string;
  readonly says: string;
}

export interface Accepted {
  /** null: nothing can be made of it. */
  readonly world: World | null;
  readonly refusals: readonly Refusal[];
}

const ACCEPTED_STATUSES: readonly (number | null)[] = [0, 2];
const ROUNDS = 20;

function theirView(places: Places, worlds: readonly World[]): Complaint[] {
  const { text, sources } = configurationOf(places, worlds, []);
  const lines = text.split('\n');
  const folder = mkdtempSync(join(tmpdir(), 'tandem-differential-'));
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, text);
  const run = spawnSync(programPath('haproxy'), ['-c', '-f', file], { encoding: 'utf8', env: { PATH: '/usr/bin' } });
  rmSync(folder, { recursive: true, force: true });
  if (ACCEPTED_STATUSES.includes(run.status)) return [];
  const complaints: Complaint[] = [];
  for (const says of run.stderr.split('\n').filter((line) => line.includes('[ALERT]'))) {
    const number = Number(/haproxy\.cfg:(\d+)\]/.exec(says)?.[1] ?? -1);
    const source = sources[number];
    if (source !== undefined) {
      complaints.push({ world: source.world, source, line: (lines[number - 1] ?? '').trim(), says });
      continue;
    }
    const named = /['/][wb](\d+)\b|\b(?:frontend|backend|listen|proxy|server) [wb](\d+)\b/.exec(says);
    if (named !== null) complaints.push({ world: Number(named[1] ?? named[2]), source, line: '', says });
  }
  if (complaints.length === 0) throw new Error(`haproxy refuses nobody knows whom:\n${run.stderr}`);
  return complaints;
}

function ourView(places: Places, worlds: readonly World[]): Complaint[] {
  const { text, sources } = configurationOf(places, worlds, []);
  const lines = text.split('\n');
  const { problems } = loadHaproxyConfig([{ name: 'haproxy.cfg', text }], { env: {}, readFile: readFileBytes });
  return problems
    .filter(({ severity }) => severity === 'error')
    .map(({ line, code, message }) => {
      const source = sources[line];
      if (source === undefined) throw new Error(`line ${line}: ${message}`);
      return { world: source.world, source, line: (lines[line - 1] ?? '').trim(), says: `${code}: ${message}` };
    });
}

const dropped = <T>(list: readonly T[], index: number): T[] => list.filter((_, at) => at !== index);

/** The world without the line, or what the message names of it; null when there is nothing to leave out. */
function without(world: World, { source, says }: Complaint): World | null {
  switch (source?.part) {
    case 'frontend':
      return { ...world, frontend: dropped(world.frontend, source.index) };
    case 'backend':
      return { ...world, backend: dropped(world.backend, source.index) };
    case 'servers': {
      const server = world.servers[source.index];
      if (server === undefined || server.parameters.length === 0) return null;
      const kept = server.parameters.filter((one) => !one.split(' ').some((word) => says.includes(`'${word}'`)));
      const parameters = kept.length < server.parameters.length ? kept : server.parameters.slice(0, -1);
      return {
        ...world,
        servers: world.servers.map((one, at) => (at === source.index ? { ...one, parameters } : one)),
      };
    }
    default:
      return world.bind.length > 0 ? { ...world, bind: [] } : null;
  }
}

/** All of them; those that cannot be made acceptable are null. */
export function acceptable(places: Places, worlds: readonly World[]): Accepted[] {
  const refusals: Refusal[][] = worlds.map(() => []);
  const now: (World | null)[] = [...worlds];
  for (let round = 0; round < ROUNDS; round++) {
    const numbers = now.flatMap((world, at) => (world === null ? [] : [at]));
    const kept = numbers.flatMap((at) => now[at] ?? []);
    const theirs = theirView(places, kept);
    const ours = ourView(places, kept);
    if (theirs.length === 0 && ours.length === 0) break;
    const touched = new Set<number>();
    for (const complaint of [...theirs, ...ours]) {
      if (touched.has(complaint.world)) continue;
      touched.add(complaint.world);
      const at = numbers[complaint.world] ?? -1;
      const isSame = (one: Complaint): boolean => one.world === complaint.world && one.line === complaint.line;
      const both = theirs.some(isSame) && ours.some(isSame);
      const by = both ? 'both' : theirs.includes(complaint) ? 'haproxy' : 'tandem';
      refusals[at]?.push({ by, line: complaint.line, says: complaint.says });
      const world = now[at];
      now[at] = world === null || world === undefined ? null : without(world, complaint);
    }
  }
  return worlds.map((_, at) => ({ world: now[at] ?? null, refusals: refusals[at] ?? [] }));
}
