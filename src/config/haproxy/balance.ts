/** `balance <algorithm>`. An algorithm with an argument, `hdr(name)`, is found by what stands before the parenthesis. */
import type { BalanceAlgorithm, BalanceArguments } from '../model.ts';
import { PLACE_SERVER } from '../sample-model.ts';
import { integerArgument } from './arguments.ts';
import { NO_BALANCE_ARGUMENTS, type ProxyTarget } from './drafts.ts';
import { applyKeyword, findKeyword, type Keyword, keywordTable, supported, unsupported } from './keyword.ts';
import { sampleInText } from './sample-statement.ts';
import type { Statement } from './statement.ts';

/** Reads what stands behind the algorithm; null when that is wrong, and reported. */
type ReadArguments = (s: Statement, at: number, target: ProxyTarget) => Partial<BalanceArguments> | null;

function algorithm(
  word: BalanceAlgorithm,
  usage: string,
  note: string,
  read: ReadArguments = () => ({}),
): Keyword<ProxyTarget> {
  return supported(word, usage, note, (s, at, target) => {
    const given = read(s, at, target);
    if (given === null) return;
    const { proxy } = target;
    proxy.balance = word;
    proxy.balanceArguments = { ...NO_BALANCE_ARGUMENTS, ...given };
  });
}

export const BALANCE_ALGORITHMS = keywordTable<ProxyTarget>('`balance …`', 'balance algorithm', [
  algorithm('roundrobin', '...', 'weighted; the default'),
  algorithm('static-rr', '...', 'weighted, weights fixed at start'),
  algorithm('leastconn', '...', 'fewest connections for its weight'),
  algorithm('first', '...', 'the first server with a free slot (maxconn)'),
  algorithm('random', '...', '`random(draws)`, 2 without a number', readDraws),
  algorithm('source', '...', "by the client's address"),
  algorithm('uri', '...', '`len <n>`, `depth <n>`, `whole`, `path-only`', readUri),
  algorithm('url_param', '<name> [check_post]', 'of the URL, or of the body of a POST', readParameter),
  algorithm('hdr', '[use_domain_only]', '`hdr(name)`', readField),
  algorithm('hash', '<expression>', 'a sample expression', readSample),
  ...unsupported<ProxyTarget>(
    "it looks at what 'tcp-request inspect-delay' waits for, which is not there",
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

function readDraws(s: Statement, at: number): Partial<BalanceArguments> | null {
  const text = s.text(at);
  if (text === 'random' || text.startsWith('random()')) return {};
  const written = /^random\((\d+)\)/.exec(text)?.[1];
  if (written === undefined) {
    s.error(at, 'bad-value', `'${text}' expects a number of draws in its parentheses`, 'random(2)');
    return null;
  }
  const draws = Number(written);
  if (draws >= 1) return { draws };
  s.error(at, 'bad-value', `'${text}': the number of draws must be at least 1`);
  return null;
}

function readUri(s: Statement, at: number): Partial<BalanceArguments> | null {
  let { length, depth, whole, pathOnly } = NO_BALANCE_ARGUMENTS;
  for (let i = at + 1; s.has(i); i++) {
    switch (s.text(i)) {
      case 'whole':
        whole = true;
        break;
      case 'path-only':
        pathOnly = true;
        break;
      case 'len':
      case 'depth': {
        const value = integerArgument(s, i + 1, { min: 1 });
        if (value === null) return null;
        if (s.text(i) === 'len') length = value;
        else depth = value;
        i++;
        break;
      }
      default:
        s.error(i, 'bad-value', `'uri' takes 'len', 'depth', 'path-only' and 'whole', not '${s.text(i)}'`);
        return null;
    }
  }
  return { length, depth, whole, pathOnly };
}

/** HAProxy 2.6 looks into the bodies of POST requests in any case. */
function readParameter(s: Statement, at: number): Partial<BalanceArguments> | null {
  const word = s.text(at + 2);
  if (word === '' || word === 'check_post') return { name: s.text(at + 1) };
  s.error(at + 2, 'bad-value', `'url_param' takes 'check_post', not '${word}'`);
  return null;
}

function readSample(s: Statement, at: number, target: ProxyTarget): Partial<BalanceArguments> | null {
  const read = sampleInText(s, at + 1, target, s.text(at + 1), PLACE_SERVER);
  if (read === null) return null;
  const rest = s.text(at + 1).slice(read.end);
  if (rest === '') return { sample: read.expression };
  s.error(at + 1, 'bad-sample', `'balance hash': unexpected '${rest}' behind the expression`);
  return null;
}

function readField(s: Statement, at: number): Partial<BalanceArguments> | null {
  const name = /^hdr\(([^)]+)\)/.exec(s.text(at))?.[1];
  if (name === undefined) {
    s.error(at, 'bad-value', `'${s.text(at)}' expects the name of a header field in its parentheses`, 'hdr(host)');
    return null;
  }
  const word = s.text(at + 1);
  if (word === '' || word === 'use_domain_only') return { name, domainOnly: word !== '' };
  s.error(at + 1, 'bad-value', `'hdr' takes 'use_domain_only', not '${word}'`);
  return null;
}
