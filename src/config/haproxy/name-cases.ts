/**
 * `h1-case-adjust` and `h1-case-adjust-file`: pairs of names that differ in case alone, for applications that take case for a
 * difference. HAProxy sends all names in lower case and changes them from there; here names keep the case they came in,
 * and those that are listed get the case that is asked for.
 */
import type { GlobalDraft, Loading } from './drafts.ts';
import { type Keyword, supported } from './keyword.ts';
import type { Statement } from './statement.ts';

export type NamePair = readonly [from: string, to: string];

export const NAME_CASES: readonly Keyword<Loading>[] = [
  supported('h1-case-adjust', '<from> <to>', 'case of a header name, for the options of that name', applyPair),
  supported('h1-case-adjust-file', '<file>', 'two names a line', applyFile),
];

function applyPair(s: Statement, _at: number, { global }: Loading): void {
  const pair: NamePair = [s.text(1), s.text(2)];
  const fault = faultOf(pair, [...global.nameCases, ...global.nameCasesOfFile]);
  if (fault !== null) s.error(2, 'bad-value', fault);
  else global.nameCases = [...global.nameCases, pair];
  if (pair[0] !== pair[0].toLowerCase()) {
    s.warning(1, 'no-effect', `HAProxy never finds '${pair[0]}', because it is not in lower case; here it works`);
  }
}

/** Of several such lines the last one counts. */
function applyFile(s: Statement, _at: number, { global, readFile }: Loading): void {
  let text: string;
  try {
    text = readFile(s.text(1)).toString('latin1');
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure);
    s.error(1, 'unreadable-file', `cannot read '${s.text(1)}': ${reason}`);
    return;
  }
  global.nameCasesOfFile = readPairs(s, text, global);
}

function readPairs(s: Statement, text: string, global: GlobalDraft): readonly NamePair[] {
  const pairs: NamePair[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.replace(/[\r\t ]+$/, '').replace(/^[\t ]+/, '');
    if (words === '' || words.startsWith('#')) continue;
    const [, from = words, to = ''] = /^([^ \t]+)[ \t]+(.*)$/.exec(words) ?? [];
    const fault = faultOf([from, to], [...global.nameCases, ...pairs]);
    if (fault !== null) s.error(1, 'bad-value', `'${s.text(1)}', line ${index + 1}: ${fault}`);
    else pairs.push([from, to]);
  }
  return pairs;
}

function faultOf([from, to]: NamePair, known: readonly NamePair[]): string | null {
  if (from === '' || to === '') return 'two names are expected';
  if (from.toLowerCase() !== to.toLowerCase()) return `'${from}' and '${to}' may differ in case only`;
  if (known.some(([other]) => other === from)) return `'${from}' is there already`;
  return null;
}
