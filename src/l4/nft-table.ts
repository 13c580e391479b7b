/**
 * A table of nftables as a value, and as text for `nft -f -`: the whole of it, or what makes one of another.
 *
 * A declaration never changes under its name (what differs has another name), so a change keeps every chain, set and counter
 * that both have, with what the kernel has put into it. All of a text is one transaction.
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
  /** What is behind a key: a comment, a value; all of it written by us. Empty where packets write. */
  readonly elements: ReadonlyMap<string, NftElement>;
}

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
}

/** Makes it, in place of what is there under its name. */
export function wholeText(table: NftTable): string {
  const lines = [removalText(table.name), `table ${table.name} {`, ` comment "${table.comment}"`];
  for (const [name, { kind, declaration, elements }] of table.sets) {
    lines.push(` ${kind} ${name} {`, `  ${declaration}`);
    if (elements.size > 0) lines.push(`  elements = {\n${elementTexts(elements).join(',\n')}\n  }`);
    lines.push(' }');
  }
  for (const [name, { declaration, rules }] of table.chains) {
    lines.push(` chain ${name} {`);
    if (declaration !== '') lines.push(`  ${declaration}`);
    for (const rule of rules) lines.push(`  ${rule}`);
    lines.push(' }');
  }
  lines.push('}', '');
  return lines.join('\n');
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
  for (const [set, { elements }] of before.sets) {
    const left = after.sets.get(set)?.elements;
    if (left === undefined) continue;
    const gone = [...differing(elements, left).keys()].map((key) => `  ${key}`);
    if (gone.length > 0) lines.push(`delete element ${name} ${set} {\n${gone.join(',\n')}\n}`);
  }
  for (const [chain, { rules }] of before.chains)
    if (rules.length > 0 && !hasRules(after.chains.get(chain), rules)) lines.push(`flush chain ${name} ${chain}`);
  for (const [chain, { rules }] of after.chains)
    if (!hasRules(before.chains.get(chain), rules))
      for (const rule of rules) lines.push(`add rule ${name} ${chain} ${rule}`);
  for (const [set, { elements }] of after.sets) {
    const added = differing(elements, before.sets.get(set)?.elements);
    if (added.size > 0) lines.push(`add element ${name} ${set} {\n${elementTexts(added).join(',\n')}\n}`);
  }
  // Maps before the chains that their verdicts lead to.
  for (const [set, { kind }] of before.sets) if (!after.sets.has(set)) lines.push(`delete ${kind} ${name} ${set}`);
  for (const chain of before.chains.keys()) if (!after.chains.has(chain)) lines.push(`delete chain ${name} ${chain}`);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Those that are not the same in the other, without building anything for the many that are. */
function differing(
  elements: ReadonlyMap<string, NftElement>,
  others: ReadonlyMap<string, NftElement> | undefined,
): ReadonlyMap<string, NftElement> {
  const some = new Map<string, NftElement>();
  for (const [key, element] of elements) if (!isSame(element, others?.get(key))) some.set(key, element);
  return some;
}

function elementTexts(elements: ReadonlyMap<string, NftElement>): string[] {
  return [...elements].map(
    ([key, { comment, value }]) =>
      `   ${key}${comment === '' ? '' : ` comment "${comment}"`}${value === '' ? '' : ` : ${value}`}`,
  );
}

function isSame(a: NftElement, b: NftElement | undefined): boolean {
  return b !== undefined && a.value === b.value && a.comment === b.comment;
}

function hasRules(chain: NftChain | undefined, rules: readonly string[]): boolean {
  return chain?.rules.length === rules.length && chain.rules.every((rule, i) => rule === rules[i]);
}

/** A comment that nft takes: short, and without what would end it. */
export function commentText(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\]/g, '?').slice(0, MOST_COMMENT);
}

/** nft 1.0.6 takes 127 bytes. */
const MOST_COMMENT = 120;
