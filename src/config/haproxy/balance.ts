/** `balance <algorithm>`. An algorithm with an argument, `hdr(name)`, is found by what stands before the parenthesis. */
import type { BalanceAlgorithm } from '../model.ts';
import type { ProxyTarget } from './drafts.ts';
import { applyKeyword, findKeyword, type Keyword, keywordTable, supported, unsupported } from './keyword.ts';
import type { Statement } from './statement.ts';

function algorithm(word: BalanceAlgorithm, note: string): Keyword<ProxyTarget> {
  return supported(word, '...', note, (_s, _at, { proxy }) => {
    proxy.balance = word;
  });
}

export const BALANCE_ALGORITHMS = keywordTable<ProxyTarget>('`balance …`', 'balance algorithm', [
  algorithm('roundrobin', 'weighted; the default'),
  algorithm('static-rr', 'weighted, weights fixed at start'),
  algorithm('leastconn', 'fewest connections for its weight'),
  algorithm('first', 'the first server with a free slot (maxconn)'),
  ...unsupported<ProxyTarget>(
    'roundrobin, static-rr, leastconn and first are there',
    'random',
    'source',
    'uri',
    'url_param',
    'hdr',
    'hash',
    'rdp-cookie',
  ),
]);

export function applyBalance(s: Statement, _at: number, target: ProxyTarget): void {
  if (!s.has(1)) {
    target.proxy.balance = 'roundrobin';
    return;
  }
  const stem = /^[^(]*/.exec(s.text(1))?.[0] ?? '';
  const keyword = findKeyword(BALANCE_ALGORITHMS, s, 1, stem);
  if (keyword !== null) applyKeyword(BALANCE_ALGORITHMS, keyword, s, 1, target);
}
