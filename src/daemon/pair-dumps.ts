/**
 * keepalived's dumps, where its users and their scripts look for them:
 *
 *   USR1            keepalived.data    what was configured, and the state of everything; keepalived_check.data: of virtual servers
 *   USR2            keepalived.stats   counters; SIGRTMAX-1: the same, and then they begin anew
 *   SIGRTMIN+2      keepalived.json    both, for programs (Debian's keepalived is built with it)
 *
 * in TMPDIR or /tmp. Not here: what stands in them (src/vrrp/dump), who hears USR1 and USR2 (src/cli).
 */
import { join } from 'node:path';
import type { VirtualServerStatus } from '../l4/status.ts';
import { onRealtimeSignal, realtimeSignal } from '../sys/realtime-signals.ts';
import { dataText, globalLines } from '../vrrp/dump/data.ts';
import { jsonText } from '../vrrp/dump/json.ts';
import type { PairView } from '../vrrp/dump/pair-view.ts';
import { statisticsText } from '../vrrp/dump/statistics-text.ts';
import { checkLines } from './check-dump.ts';
import type { Journal } from './journal.ts';
import { writePrivateFile } from './private-file.ts';

const DEFAULT_FOLDER = '/tmp';

/** What a pair shows of itself. */
export interface Shown {
  view(): PairView;
  virtualServers(): Iterable<VirtualServerStatus>;
  clearStatistics(): void;
}

/** keepalived's numbers for `--signum`. */
export function jsonSignal(): number {
  return realtimeSignal({ afterFirst: 2 });
}

export function clearStatisticsSignal(): number {
  return realtimeSignal({ beforeLast: 1 });
}

/** keepalived's rule: an absolute TMPDIR, else /tmp. */
export function dumpFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const folder = environment['TMPDIR'];
  return folder?.startsWith('/') ? folder : DEFAULT_FOLDER;
}

export class PairDumps {
  readonly #shown: Shown;
  readonly #folder: string;
  readonly #journal: Journal;

  constructor(shown: Shown, folder: string, journal: Journal) {
    this.#shown = shown;
    this.#folder = folder;
    this.#journal = journal;
  }

  describe(): string {
    const checks = this.#checks();
    return `${dataText(this.#shown.view())}${checks.map((line) => `${line}\n`).join('')}`;
  }

  /** Of each half that there is; of none, as of VRRP without instances. */
  data(): void {
    const view = this.#shown.view();
    const checks = this.#checks();
    if (view.model.instances.length > 0 || checks.length === 0) {
      this.#journal.notice(`Printing VRRP data for process(${process.pid}) on signal`);
      this.#write('keepalived.data', dataText(view));
    }
    if (checks.length === 0) return;
    this.#journal.notice(`Printing checker data for process(${process.pid}) on signal`);
    const lines = ['------< Global definitions >------', ...globalLines(view.model.global, view.accountOf), ...checks];
    this.#write('keepalived_check.data', `${lines.join('\n')}\n`);
  }

  statistics(clear: boolean): void {
    this.#journal.notice(`Printing ${clear ? 'and clearing ' : ''}VRRP stats for process(${process.pid}) on signal`);
    this.#write('keepalived.stats', statisticsText(this.#shown.view().instances));
    if (clear) this.#shown.clearStatistics();
  }

  json(): void {
    this.#journal.notice(`Printing VRRP as json for process(${process.pid}) on signal`);
    this.#write('keepalived.json', jsonText(this.#shown.view()));
  }

  /** The signals that mean nothing else to any of our programs. Returns how to stop. */
  listen(): () => void {
    const stops = [
      onRealtimeSignal(jsonSignal(), () => this.json()),
      onRealtimeSignal(clearStatisticsSignal(), () => this.statistics(true)),
    ];
    if (stops.includes(null)) this.#journal.warning('realtime signals cannot be heard here: no JSON dumps');
    return () => {
      for (const stop of stops) stop?.();
    };
  }

  #checks(): readonly string[] {
    return checkLines(this.#shown.view(), this.#shown.virtualServers());
  }

  #write(name: string, text: string): void {
    const trouble = writePrivateFile(join(this.#folder, name), text);
    if (trouble !== null) this.#journal.warning(trouble);
  }
}
