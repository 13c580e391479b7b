/**
 * Virtual servers at one moment → text, in pieces that others have their turns between: all lines of a family stand together, so
 * all numbers are taken first, in little memory.
 *
 * Not here: what a number means (l4-families.ts).
 */
import type { PairSide } from '../../daemon/pair-side.ts';
import { headerText, sampleText } from './exposition.ts';
import type { GrowingSums } from './growing-sums.ts';
import {
  CHECK_FAMILIES,
  checkLabels,
  type L4Family,
  REAL_FAMILIES,
  realLabels,
  VIRTUAL_FAMILIES,
  virtualLabels,
} from './l4-families.ts';
import type { MetricsQuery } from './metrics-query.ts';
import { PIECE_CHARACTERS } from './proxy-text.ts';

/** Real servers that are looked at before others have their turn. */
const SERVERS_PER_TURN = 64;

/** `pause`: whoever waits has a turn. */
export async function* l4Text(
  pair: Pick<PairSide, 'virtualServers' | 'look'>,
  query: MetricsQuery,
  growing: GrowingSums,
  pause: () => Promise<unknown>,
): AsyncIterable<string> {
  const virtualTable = new L4Table(VIRTUAL_FAMILIES, query);
  const realTable = new L4Table(REAL_FAMILIES, query);
  const checkTable = new L4Table(CHECK_FAMILIES, query);
  const tables = [virtualTable, realTable, checkTable];
  if (tables.every(({ isEmpty }) => isEmpty)) return;
  await pair.look();
  const sums = growing.begin();
  let looked = 0;
  for (const virtual of pair.virtualServers()) {
    const labels = virtualLabels(virtual);
    virtualTable.note(labels, { virtual, figures: sums.look(`${labels} IPv${virtual.family}`, virtual) });
    for (const real of virtual.servers) {
      const ofReal = realLabels(virtual, real);
      realTable.note(ofReal, real);
      for (const [at, check] of real.checks.entries()) checkTable.note(checkLabels(ofReal, check, at + 1), check);
      if (++looked % SERVERS_PER_TURN === 0) await pause();
    }
  }
  sums.end();
  for (const table of tables) {
    for (const piece of table.text()) {
      yield piece;
      await pause();
    }
  }
}

class L4Table<T> {
  readonly #families: readonly L4Family<T>[];
  /** Of each that was looked at, by its labels, the numbers of the families one after the other; NaN: no line. */
  readonly #rows = new Map<string, Float64Array>();

  constructor(families: readonly L4Family<T>[], { scopes, wants }: MetricsQuery) {
    this.#families = families.filter(({ scope, name }) => scopes.has(scope) && wants(name));
  }

  get isEmpty(): boolean {
    return this.#families.length === 0;
  }

  note(labels: string, one: T): void {
    if (this.isEmpty) return;
    const numbers = Float64Array.from(this.#families, ({ number }) => number(one) ?? Number.NaN);
    const before = this.#rows.get(labels);
    if (before === undefined) this.#rows.set(labels, numbers);
    else this.#add(before, numbers);
  }

  /** One line says it of two that have the same labels: a server that is the sorry server, too, a mark of both families. */
  #add(before: Float64Array, more: Float64Array): void {
    for (const [at, { type }] of this.#families.entries()) {
      if (type === 'counter') before[at] = (before[at] ?? 0) + (more[at] ?? 0);
    }
  }

  *text(): Iterable<string> {
    let text = '';
    for (const [at, family] of this.#families.entries()) {
      let begun = false;
      for (const [labels, numbers] of this.#rows) {
        const number = numbers[at] ?? Number.NaN;
        if (Number.isNaN(number)) continue;
        if (!begun) text += headerText(family);
        begun = true;
        text += sampleText(family.name, labels, number);
        if (text.length < PIECE_CHARACTERS) continue;
        yield text;
        text = '';
      }
    }
    yield text;
  }
}
