/**
 * What servers got and have: counters of nft, and connections as conntrack or the maps of DR have them. Read while somebody asks,
 * the less often the longer it takes; other programs read the kernel, and what they print is taken in parts, between which others
 * have their turn.
 *
 * Maps of DR take the kernel time by the square of what is in them: where that is too long, servers have no connections here.
 */
import type { Clock, Timer, Timers } from '../core/clock.ts';
import type { CommandRunner } from '../core/command.ts';
import type { DestinationFigures } from './kernel.ts';
import type { NftTable } from './nft-table.ts';
import type { Ruleset } from './ruleset.ts';
import { TrackedConnections } from './tracked-connections.ts';
import { type TrafficKind, TrafficSums, trafficKind } from './traffic.ts';

const EVERY_MS = 2000;
/** One part in so many of time is spent with reading. */
const TIME_SHARE = 50;
/** But a read that hung once does not keep the next one away for longer than this. */
const MOST_PAUSE_MS = 60_000;
/** Who has not asked for so long does not want to know. */
const WANTED_MS = 60_000;
/** What is not older is of now. */
const FRESH_MS = 3000;
/** Nobody is kept waiting for longer: `echo 'show lvs' | socat - …` is gone half a second after its question. */
const WAIT_MS = 300;
/** A read that hangs. */
const SET_MS = 10_000;
const CONNTRACK_MS = 60_000;
/** A map of connections with DR: some 100,000. */
const FLOWS_MS = 1000;

interface Setup {
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly timers: Timers;
}

type Counts = Map<string, { active: number; inactive: number }>;

export class FiguresReader {
  /** By trafficComment. */
  figures: ReadonlyMap<string, DestinationFigures> = new Map();
  /** What is read. */
  tables: Ruleset = { nat: null, direct: null };
  readonly #setup: Setup;
  readonly #read: () => void;
  #needs = false;
  #askedMs: number | null = null;
  #readMs = Number.NEGATIVE_INFINITY;
  #nextMs = 0;
  #timer: Timer | null = null;
  #isReading = false;
  #isStopped = false;
  readonly #ends = new Set<() => void>();
  #waiting: (() => void)[] = [];
  /** /proc/net/nf_conntrack, or who is asked in its place. */
  #source = 0;

  constructor(setup: Setup, read: () => void) {
    this.#setup = setup;
    this.#read = read;
  }

  /** Servers are chosen by what is read. */
  set needs(on: boolean) {
    this.#needs = on;
    if (on) this.#later();
  }

  ask(): void {
    this.#askedMs = this.#setup.clock.monotonicMs();
    this.#later();
  }

  /** Resolves when figures are of now, or cannot be had soon. */
  async look(): Promise<void> {
    this.ask();
    const { clock, timers } = this.#setup;
    const nowMs = clock.monotonicMs();
    if (this.#isStopped || nowMs - this.#readMs < FRESH_MS) return;
    // None begins soon enough, as the last one took so long.
    if (!this.#isReading && this.#nextMs >= nowMs + WAIT_MS) return;
    await new Promise<void>((resolve) => {
      const timer = timers.after(WAIT_MS, resolve);
      this.#waiting.push(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one();
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
    this.#timer?.cancel();
    for (const end of this.#ends) end();
  }

  #later(): void {
    if (this.#isStopped || this.#isReading || this.#timer !== null) return;
    const { clock, timers } = this.#setup;
    this.#timer = timers.after(Math.max(0, this.#nextMs - clock.monotonicMs()), () => {
      this.#timer = null;
      void this.#readAll();
    });
  }

  async #readAll(): Promise<void> {
    const { clock } = this.#setup;
    const startMs = clock.monotonicMs();
    this.#isReading = true;
    const { nat, direct } = this.tables;
    const sums = new TrafficSums();
    const counts: Counts = new Map();
    let isWhole = true;
    for (const table of [nat, direct]) {
      if (table !== null && !(await this.#counters(table, sums))) isWhole = false;
    }
    if (nat !== null) await this.#tracked(nat, counts);
    if (direct !== null) await this.#flows(direct, counts);
    this.#isReading = false;
    if (this.#isStopped) return;
    const figures = new Map<string, DestinationFigures>();
    for (const [comment, sum] of sums.sums) {
      const { active, inactive } = counts.get(comment) ?? NO_CONNECTIONS;
      figures.set(comment, { ...sum, active, inactive, isFull: false });
    }
    // What could not be read is not nothing: counters would begin anew.
    if (isWhole) this.figures = figures;
    const nowMs = clock.monotonicMs();
    this.#readMs = nowMs;
    this.#wake();
    this.#nextMs = nowMs + Math.min(MOST_PAUSE_MS, Math.max(EVERY_MS, (nowMs - startMs) * TIME_SHARE));
    this.#read();
    if (this.#needs || (this.#askedMs !== null && nowMs - this.#askedMs < WANTED_MS)) this.#later();
  }

  /** false: not all could be read. */
  async #counters({ name, sets }: NftTable, sums: TrafficSums): Promise<boolean> {
    let isWhole = true;
    for (const set of sets.keys()) {
      const kind: TrafficKind | null = trafficKind(set);
      if (kind === null) continue;
      const argv = ['nft', 'list', 'set', ...name.split(' '), set];
      if (!(await this.#lines(argv, SET_MS, (line) => sums.add(kind, line)))) isWhole = false;
    }
    return isWhole;
  }

  async #tracked(nat: NftTable, counts: Counts): Promise<void> {
    const connections = new TrackedConnections(nat);
    const take = (line: string): void => {
      const one = connections.read(line);
      if (one !== null) count(counts, one.comment, one.isActive);
    };
    for (;;) {
      const argv = CONNTRACK[this.#source];
      // Nobody could say: next time the first one is asked again.
      if (argv === undefined) this.#source = 0;
      if (argv === undefined || this.#isStopped || (await this.#lines(argv, CONNTRACK_MS, take))) return;
      this.#source++;
      counts.clear();
    }
  }

  async #flows({ name, sets }: NftTable, counts: Counts): Promise<void> {
    const whose = new Map<string, string>();
    for (const group of sets.get('requests')?.elements.values() ?? [])
      for (const [id, { comment }] of group) whose.set(id, comment);
    for (const map of sets.keys()) {
      if (!map.startsWith('flows')) continue;
      const isActive = !map.endsWith('_closing');
      const own: Counts = new Map();
      const isWhole = await this.#lines(['nft', 'list', 'map', ...name.split(' '), map], FLOWS_MS, (line) => {
        for (const [, id = ''] of line.matchAll(FLOW)) {
          const comment = whose.get(id);
          if (comment !== undefined) count(own, comment, isActive);
        }
      });
      if (!isWhole) continue;
      for (const [comment, { active, inactive }] of own) {
        const sum = counts.get(comment) ?? { active: 0, inactive: 0 };
        counts.set(comment, { active: sum.active + active, inactive: sum.inactive + inactive });
      }
    }
  }

  /** false: it failed, or took too long. */
  #lines(argv: readonly string[], withinMs: number, line: (text: string) => void): Promise<boolean> {
    return new Promise((resolve) => {
      let timer: Timer | null = null;
      const finish = (isWhole: boolean): void => {
        timer?.cancel();
        this.#ends.delete(end);
        resolve(isWhole && !this.#isStopped);
      };
      const stream = this.#setup.commands.stream(argv, {
        line,
        errorLine: () => {},
        exit: (how) => finish(how === 'exit status 0'),
      });
      const end = (): void => {
        stream.kill();
        finish(false);
      };
      timer = this.#setup.timers.after(withinMs, end);
      this.#ends.add(end);
    });
  }
}

const NO_CONNECTIONS = { active: 0, inactive: 0 } as const;

/** In turn: the first that works. */
const CONNTRACK: readonly (readonly string[])[] = [
  ['cat', '/proc/net/nf_conntrack'],
  ['conntrack', '-L', '-o', 'extended'],
];

/** `… expires 14m59s : 5e9c:3bf0` */
const FLOW = / : ([0-9a-f]+:[0-9a-f]+)/g;

function count(counts: Counts, comment: string, isActive: boolean): void {
  const sum = counts.get(comment) ?? { active: 0, inactive: 0 };
  if (isActive) sum.active++;
  else sum.inactive++;
  counts.set(comment, sum);
}
