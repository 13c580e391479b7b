/**
 * Worlds through haproxy and Tandem, and where their transcripts part.
 *
 * Not here: which differences have a reason (differences.ts), making worlds small (smaller-worlds.ts).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from '../../support/peers.ts';
import { TANDEM_HAPROXY } from '../../support/proxy-process.ts';
import { acceptable, type Refusal } from './acceptance.ts';
import { configurationOf } from './configuration-text.ts';
import { alike } from './differences.ts';
import { Origin } from './origin.ts';
import { findPlaces, type Places } from './places.ts';
import { PATIENT, type Patience, runSide, type WorldRecord } from './side.ts';
import { transcriptOf } from './transcript.ts';
import type { World } from './world.ts';

/** What only one of the programs knows. */
const OUR_GLOBAL = ['tune.tandem.reuse-first off', 'tune.tandem.spare-process off'];

/** For `errorfile`, in the folder of the places. */
const ERROR_FILES = [400, 502, 503, 504];
const errorFile = (status: number): string =>
  `HTTP/1.1 ${status} From a file\r\nContent-Type: text/html\r\nX-File: ${status}\r\nContent-Length: 5\r\n\r\nfile\n`;

export type Verdict =
  | { readonly kind: 'same'; readonly lines: number; readonly transcript: readonly string[] }
  | { readonly kind: 'refused' }
  | { readonly kind: 'different'; readonly about: string; readonly detail: string };

export interface Compared {
  readonly world: World | null;
  readonly refusals: readonly Refusal[];
  readonly verdict: Verdict;
  /** How long it took the slower one. */
  readonly ms: number;
}

/** The kind of a line: what it is about, without numbers and values. */
function aboutLine(line: string | undefined): string {
  if (line === undefined) return 'nothing';
  if (line.startsWith('log ')) return 'log';
  const [where = '', what = ''] = line.split(/: /);
  const name = what.startsWith('HTTP/') || / HTTP\/1\.\d$/.test(what) ? 'start line' : what;
  return `${where.replace(/ \d+/g, '')}${line.split(/: /).length > 2 || /^(start line|body)/.test(name) ? ` ${name}` : ''}`;
}

function fieldOfLog(theirs: string, ours: string): string {
  const a = theirs.split(' ');
  const b = ours.split(' ');
  const at = a.findIndex((word, i) => word !== b[i]);
  return `log field ${at}`;
}

function compare(theirs: readonly string[], ours: readonly string[]): Verdict {
  const at = theirs.findIndex((line, i) => line !== ours[i]);
  const end = at < 0 && ours.length > theirs.length ? theirs.length : at;
  if (end < 0) return { kind: 'same', lines: theirs.length, transcript: theirs };
  const [a, b] = [theirs[end], ours[end]];
  const logs = a?.startsWith('log ') && b?.startsWith('log ');
  const about = logs ? fieldOfLog(a ?? '', b ?? '') : `${aboutLine(a)} / ${aboutLine(b)}`;
  const seen = new Set(ours);
  const mine = new Set(theirs);
  const detail = [
    `haproxy: ${a ?? '(nothing)'}`,
    `tandem:  ${b ?? '(nothing)'}`,
    ...theirs.filter((line) => !seen.has(line)).map((line) => `  - ${line}`),
    ...ours.filter((line) => !mine.has(line)).map((line) => `  + ${line}`),
  ];
  return { kind: 'different', about, detail: detail.slice(0, 40).join('\n') };
}

export class Comparison {
  readonly #folder: string;
  readonly #places: Places;
  readonly #origin: Origin;
  /** haproxy against itself shows what depends on the moment. */
  readonly #program: string;

  private constructor(folder: string, places: Places, origin: Origin, program: string) {
    this.#folder = folder;
    this.#places = places;
    this.#origin = origin;
    this.#program = program;
  }

  static async open(program: string = TANDEM_HAPROXY): Promise<Comparison> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-differential-'));
    for (const status of ERROR_FILES) writeFileSync(join(folder, `${status}.http`), errorFile(status));
    const places = await findPlaces(folder);
    return new Comparison(folder, places, await Origin.open(places), program);
  }

  async close(): Promise<void> {
    await this.#origin.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Each world as both programs accept it, and what came of it. */
  async compare(worlds: readonly World[], patience: Patience = PATIENT): Promise<Compared[]> {
    const accepted = acceptable(this.#places, worlds);
    const taken = accepted.flatMap(({ world }) => world ?? []);
    const theirs = taken.length === 0 ? [] : await this.#run(programPath('haproxy'), taken, [], patience);
    const itself = this.#program === programPath('haproxy');
    const ours = taken.length === 0 ? [] : await this.#run(this.#program, taken, itself ? [] : OUR_GLOBAL, patience);
    let at = 0;
    return accepted.map(({ world, refusals }): Compared => {
      if (world === null) return { world: null, refusals, verdict: { kind: 'refused' }, ms: 0 };
      const [a, b] = [theirs[at], ours[at]];
      at++;
      const verdict = compare(alike(world, transcriptOf(a)), alike(world, transcriptOf(b)));
      return { world, refusals, verdict, ms: Math.max(a?.ms ?? 0, b?.ms ?? 0) };
    });
  }

  async #run(
    program: string,
    worlds: readonly World[],
    more: readonly string[],
    patience: Patience,
  ): Promise<WorldRecord[]> {
    const { text } = configurationOf(this.#places, worlds, more);
    return runSide(program, text, this.#places, worlds, this.#origin, patience);
  }

  /** The configuration of one world, to read. */
  configuration(world: World): string {
    return configurationOf(this.#places, [world], []).text;
  }
}
