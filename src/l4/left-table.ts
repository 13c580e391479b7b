/**
 * Tables of ours that are there already, left by somebody before us or changed by somebody else: what they have (`nft list`, as
 * text), and what makes of them what is wanted, while clients, connections and counters stay.
 *
 * Reading a map takes the kernel time by the square of what is in it: maps of clients and connections are never read for this.
 */
import { contentTexts, deletionText, type ElementGroup, type NftSet, type NftTable } from './nft-table.ts';

export interface LeftTable {
  readonly chains: ReadonlySet<string>;
  readonly sets: ReadonlyMap<string, 'set' | 'map'>;
  /** By set of counters: keys, and whose they are. null: it cannot be told. */
  readonly counted: ReadonlyMap<string, ReadonlyMap<string, string> | null>;
}

const TABLE = /^table (\S+ \S+) \{/;
const NAMED = /^\s(set|map|chain) (\S+) \{/;

/** By table, from `nft list chains`, `nft -t list sets` and `nft -t list maps`. Whose they are is not looked at. */
export function readNames(listings: readonly string[]): ReadonlyMap<string, LeftTable> {
  const tables = new Map<
    string,
    { chains: Set<string>; sets: Map<string, 'set' | 'map'>; counted: Map<string, null> }
  >();
  for (const listing of listings) {
    let table = '';
    for (const line of listing.split('\n')) {
      table = TABLE.exec(line)?.[1] ?? table;
      const [, kind, name = ''] = NAMED.exec(line) ?? [];
      if (table !== '' && !tables.has(table))
        tables.set(table, { chains: new Set(), sets: new Map(), counted: new Map() });
      if (kind === 'chain') tables.get(table)?.chains.add(name);
      else if (kind === 'set' || kind === 'map') tables.get(table)?.sets.set(name, kind);
    }
  }
  return tables;
}

const COUNTED = /([^\s,"{}][^",{}]*?) (?:comment "([^"]*)" )?counter packets (\d+) bytes (\d+)(?: comment "([^"]*)")?/g;

export interface CountedElement {
  readonly key: string;
  readonly comment: string;
  readonly packets: number;
  readonly bytes: number;
}

/** Of any part of what `nft list set` prints that ends between elements. */
export function* countedElements(text: string): Generator<CountedElement> {
  for (const [, key = '', before, packets, bytes, after] of text.matchAll(COUNTED))
    yield { key, comment: before ?? after ?? '', packets: Number(packets), bytes: Number(bytes) };
}

/** All in one transaction. */
export function* takeOverTexts(left: LeftTable, wanted: NftTable): Generator<string> {
  const { name } = wanted;
  yield `flush table ${name}\n`;
  const sets = new Map<string, NftSet>();
  for (const [set, one] of wanted.sets) {
    const { kind, declaration, keeps } = one;
    const counted = left.counted.get(set) ?? null;
    if (!left.sets.has(set)) yield `add ${kind} ${name} ${set} { ${declaration} }\n`;
    else if (keeps === 'nothing' || (keeps === 'counters' && counted === null)) yield `flush ${kind} ${name} ${set}\n`;
    else if (keeps === 'counters' && counted !== null) {
      const comments = new Map<string, string>();
      for (const group of one.elements.values()) for (const [key, { comment }] of group) comments.set(key, comment);
      const stale = [...counted].filter(([key, comment]) => comments.get(key) !== comment).map(([key]) => key);
      if (stale.length > 0) yield `${deletionText(name, set, stale)}\n`;
      sets.set(set, { ...one, elements: missingOf(one, counted) });
      continue;
    }
    sets.set(set, one);
  }
  for (const [chain, { declaration }] of wanted.chains)
    if (!left.chains.has(chain)) yield `add chain ${name} ${chain} { ${declaration} }\n`;
  yield* contentTexts({ ...wanted, sets });
  for (const [set, kind] of left.sets)
    if (!wanted.sets.has(set)) {
      yield `flush ${kind} ${name} ${set}\n`;
      yield `delete ${kind} ${name} ${set}\n`;
    }
  for (const chain of left.chains) if (!wanted.chains.has(chain)) yield `delete chain ${name} ${chain}\n`;
}

function missingOf({ elements }: NftSet, counted: ReadonlyMap<string, string>): NftSet['elements'] {
  const missing = new Map<string, ElementGroup>();
  for (const [name, group] of elements)
    missing.set(name, new Map([...group].filter(([key, { comment }]) => counted.get(key) !== comment)));
  return missing;
}
