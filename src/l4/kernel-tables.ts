/**
 * nft, run: texts as one transaction, what is there of ours, and whether it still is.
 *
 * A look is cheap however much is in the maps (`nft -c`: checked by the kernel, and not done): a chain that a rule leads to
 * (seal-chains.ts) cannot be deleted.
 */
import type { Clock } from '../core/clock.ts';
import type { CommandResult, CommandRunner } from '../core/command.ts';
import { countedElements, type LeftTable, readNames } from './left-table.ts';
import { SEAL } from './seal-chains.ts';

const NFT_TIMEOUT_MS = 60_000;
/** At the end somebody waits for us: a unit's TimeoutStopSec. */
const REMOVAL_TIMEOUT_MS = 10_000;
const LIST_TIMEOUT_MS = 10_000;

const NAMES = [
  ['nft', 'list', 'chains'],
  ['nft', '-t', 'list', 'sets'],
  ['nft', '-t', 'list', 'maps'],
] as const;

export class KernelTables {
  readonly #commands: CommandRunner;
  readonly #clock: Clock;
  readonly #abandoned = new AbortController();

  constructor(commands: CommandRunner, clock: Clock) {
    this.#commands = commands;
    this.#clock = clock;
  }

  /** All of it or nothing; null, or how it failed. */
  async write(text: string): Promise<string | null> {
    return troubleOf(await this.#nft([], text));
  }

  /** What is being written is not waited for any more; from now on there is `remove` alone. */
  abandon(): void {
    this.#abandoned.abort();
  }

  /** null, or how it failed. */
  async remove(text: string): Promise<string | null> {
    const argv = ['nft', '-f', '-'];
    return troubleOf(await this.#commands.run(argv, { stdin: text, timeoutMs: REMOVAL_TIMEOUT_MS }));
  }

  /** Of these tables; without: they are not there. */
  async left(names: readonly string[]): Promise<ReadonlyMap<string, LeftTable>> {
    const listings: string[] = [];
    for (const argv of NAMES) {
      const { exitCode, stdout } = await this.#commands.run(argv, { timeoutMs: LIST_TIMEOUT_MS });
      if (exitCode === 0) listings.push(stdout);
    }
    const all = readNames(listings);
    const own = new Map<string, LeftTable>();
    for (const name of names) {
      const table = all.get(name);
      if (table !== undefined) own.set(name, { ...table, counted: await this.#counted(name, table) });
    }
    return own;
  }

  async #counted(table: string, { sets }: LeftTable): Promise<LeftTable['counted']> {
    const counted = new Map<string, ReadonlyMap<string, string> | null>();
    for (const set of sets.keys()) {
      if (!/^(connections|requests|replies)/.test(set)) continue;
      const argv = ['nft', 'list', 'set', ...table.split(' '), set];
      const { exitCode, stdout } = await this.#commands.run(argv, { timeoutMs: LIST_TIMEOUT_MS });
      const whole = exitCode === 0 && /\}\s*\}\s*$/.test(stdout);
      const elements = new Map([...countedElements(stdout)].map(({ key, comment }) => [key, comment]));
      // What nft prints in another way than this one does cannot be kept.
      const isReadable = whole && (elements.size > 0 || !stdout.includes('elements ='));
      counted.set(set, isReadable ? elements : null);
    }
    return counted;
  }

  /** Are these tables there, with their rules? And what the look took. */
  async look(names: readonly string[]): Promise<{ readonly isWhole: boolean; readonly tookMs: number }> {
    const startMs = this.#clock.monotonicMs();
    const there = names.map((name) => `add rule ${name} ${SEAL} return\n`).join('');
    let isWhole = (await this.#nft(['-c'], there)).exitCode === 0;
    for (const name of names) {
      if (!isWhole) break;
      isWhole = (await this.#nft(['-c'], `delete chain ${name} ${SEAL}\n`)).exitCode !== 0;
    }
    return { isWhole, tookMs: this.#clock.monotonicMs() - startMs };
  }

  #nft(options: readonly string[], stdin: string) {
    const { signal } = this.#abandoned;
    return this.#commands.run(['nft', ...options, '-f', '-'], { stdin, timeoutMs: NFT_TIMEOUT_MS, signal });
  }
}

/** In nft's own words, if it has any; null: it worked. */
function troubleOf({ exitCode, how, complaint = '' }: CommandResult): string | null {
  if (exitCode === 0) return null;
  return complaint === '' ? how : complaint;
}
