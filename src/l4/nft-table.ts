/**
 * A table of nftables as a value, and as text for `nft -f -`: the whole of it, or what makes one of another.
 *
 * A declaration never changes under its name (what differs has another name), so a change keeps every chain, set and counter
 * that both have, with what the kernel has put into it. All of a text is one transaction. Elements are in groups, one for who
 * they are of: what is the same object in both needs no look. Not here: a table that somebody left (left-table.ts).
 */

export interface NftTable {
  /** `inet tandem` */
  readonly name: string;
  readonly comment: string;
  readonly sets: ReadonlyMap<string, NftSet>;
  readonly chains: ReadonlyMap<string, NftChain>;
}

export interface NftSet {
  readonly kind: 'set' | 'map';
  /** `type ipv4_addr : verdict;` */
  readonly declaration: string;
  /** What packets put into it (`memory`) or count in it (`counters`) is worth keeping. */
  readonly keeps: 'nothing' | 'counters' | 'memory';
  readonly elements: Elements;
}

/** By group, by key. All of it is written by us; empty where packets write. */
export type Elements = ReadonlyMap<string, ElementGroup>;
export type ElementGroup = ReadonlyMap<string, NftElement>;

export interface NftElement {
  /** For people, and in sets of counters for who reads them; '': none. */
  readonly comment: string;
  /** Of a map. */
  readonly value: string;
}

export interface NftChain {
  /** Of a base chain: type, hook, policy; of others a comment. */
  readonly declaration: string;
  readonly rules: readonly string[];
  /** Of an interface: kernels before 6.16 remove it together with that. */
  readonly mayVanish?: boolean;
}

/** Of one command in a long text. */
const ELEMENTS_A_TIME = 500;

/** Makes it, in place of what is there under its name; in pieces, as it is long. */
export function* wholeTexts(table: NftTable): Generator<string> {
  yield `${removalText(table.name)}\ntable ${table.name} {\n comment "${table.comment}"\n`;
  for (const [name, set] of table.sets) yield ` ${set.kind} ${name} {\n  ${set.declaration}\n }\n`;
  for (const [name, { declaration }] of table.chains) yield ` chain ${name} { ${declaration} }\n`;
  yield '}\n';
  yield* contentTexts(table);
}

/** Rules and elements of chains and sets that are there and have none. */
export function* contentTexts(table: NftTable): Generator<string> {
  const { name } = table;
  for (const [set, { elements }] of table.sets) {
    let some: (readonly [string, NftElement])[] = [];
    for (const group of elements.values()) {
      some.push(...group);
      if (some.length < ELEMENTS_A_TIME) continue;
      yield addText(name, set, some);
      some = [];
    }
    if (some.length > 0) yield addText(name, set, some);
  }
  yield `table ${name} {\n`;
  for (const [chain, { rules }] of table.chains)
    if (rules.length > 0) yield ` chain ${chain} {\n${rules.map((rule) => `  ${rule}\n`).join('')} }\n`;
  yield '}\n';
}

/** Of a table that may not be there. */
export function removalText(name: string): string {
  return `add table ${name}\ndelete table ${name}`;
}

/** '': nothing differs. Both have the same name. */
export function changeText(before: NftTable, after: NftTable): string {
  const { name } = after;
  const lines: string[] = [];
  for (const [set, { kind, declaration }] of after.sets)
    if (!before.sets.has(set)) lines.push(`add ${kind} ${name} ${set} { ${declaration} }`);
  for (const [chain, { declaration }] of after.chains)
    if (!before.chains.has(chain)) lines.push(`add chain ${name} ${chain} { ${declaration} }`);
  for (const [chain, { mayVanish }] of before.chains)
    if (mayVanish === true && !after.chains.has(chain)) lines.push(`add chain ${name} ${chain}`);
  const added: string[] = [];
  for (const [set, { elements }] of before.sets) {
    const left = after.sets.get(set)?.elements;
    if (left === undefined || left === elements) continue;
    const gone = differing(elements, left);
    if (gone.size > 0) lines.push(deletionText(name, set, gone.keys()));
  }
  for (const [chain, one] of before.chains)
    if (one.rules.length > 0 && !hasRules(after.chains.get(chain), one)) lines.push(`flush chain ${name} ${chain}`);
  for (const [set, { elements }] of after.sets) {
    const had = before.sets.get(set)?.elements;
    const some = had === elements ? NO_GROUP : differing(elements, had ?? NO_ELEMENTS);
    if (some.size > 0) added.push(addText(name, set, some).trimEnd());
  }
  for (const [chain, one] of after.chains)
    if (!hasRules(before.chains.get(chain), one))
      for (const rule of one.rules) lines.push(`add rule ${name} ${chain} ${rule}`);
  lines.push(...added);
  for (const [set, { kind }] of before.sets) if (!after.sets.has(set)) lines.push(`delete ${kind} ${name} ${set}`);
  for (const chain of before.chains.keys()) if (!after.chains.has(chain)) lines.push(`delete chain ${name} ${chain}`);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

const NO_ELEMENTS: Elements = new Map();
const NO_GROUP: ElementGroup = new Map();

/** Those that are not the same in the others' group. */
function differing(elements: Elements, others: Elements): ElementGroup {
  const some = new Map<string, NftElement>();
  for (const [name, group] of elements) {
    const other = others.get(name);
    if (group === other) continue;
    for (const [key, element] of group) if (!isSame(element, other?.get(key))) some.set(key, element);
  }
  return some;
}

export function deletionText(table: string, set: string, keys: Iterable<string>): string {
  return `delete element ${table} ${set} {\n${[...keys].map((key) => `  ${key}`).join(',\n')}\n}`;
}

function addText(table: string, set: string, group: Iterable<readonly [string, NftElement]>): string {
  const texts: string[] = [];
  for (const [key, { comment, value }] of group)
    texts.push(`   ${key}${comment === '' ? '' : ` comment "${comment}"`}${value === '' ? '' : ` : ${value}`}`);
  return `add element ${table} ${set} {\n${texts.join(',\n')}\n}\n`;
}

function isSame(a: NftElement, b: NftElement | undefined): boolean {
  return b !== undefined && a.value === b.value && a.comment === b.comment;
}

function hasRules(chain: NftChain | undefined, { rules }: NftChain): boolean {
  if (chain === undefined) return false;
  if (chain.rules === rules) return true;
  return chain.rules.length === rules.length && chain.rules.every((rule, i) => rule === rules[i]);
}

/** A comment that nft takes: short, and without what would end it. */
export function commentText(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\]/g, '?').slice(0, MOST_COMMENT);
}

/** nft 1.0.6 takes 127 bytes. */
const MOST_COMMENT = 120;
