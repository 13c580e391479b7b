/** The output of `iptables-save -t filter` → chains that can be asked about a packet. Pure; what is not known is undecided. */
import {
  type FilterChain,
  type FilterRule,
  inNetwork,
  inState,
  type Match,
  not,
  ofProtocol,
  onDevice,
  unknown,
  type Verdict,
} from './packet-filter.ts';

interface Draft {
  readonly policy: FilterChain['policy'];
  readonly rules: FilterRule[];
}

/** `family`: iptables or ip6tables. */
export function parseIptablesSave(text: string, family: 4 | 6): FilterChain[] {
  const chains = new Map<string, Draft>();
  let isFilter = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) isFilter = line.trim() === '*filter';
    if (!isFilter) continue;
    const head = /^:(\S+) (\S+)/.exec(line);
    if (head !== null) chains.set(head[1] ?? '', { policy: policyOf(head[1] ?? '', head[2] ?? ''), rules: [] });
    const rule = /^-A (\S+) (.*)$/.exec(line);
    if (rule !== null) chains.get(rule[1] ?? '')?.rules.push(readRule(words(rule[2] ?? ''), family));
  }
  const program = family === 4 ? 'iptables' : 'ip6tables';
  return [...chains].map(([name, { policy, rules }]) => {
    return { name: `${program} ${name}`, title: `${program} chain ${name}`, policy, rules };
  });
}

/** Of the built-in chains only this one is passed by what comes to this box. */
function policyOf(name: string, policy: string): FilterChain['policy'] {
  if (name !== 'INPUT') return null;
  return policy === 'DROP' ? 'drop' : 'accept';
}

function words(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

function readRule(all: readonly string[], family: 4 | 6): FilterRule {
  const matches: Match[] = [({ family: own }) => own === family];
  let verdict: Verdict = { kind: 'next' };
  let inverted = false;
  for (let at = 0; at < all.length; at++) {
    const word = all[at] ?? '';
    if (word === '!') {
      inverted = true;
      continue;
    }
    const value = all[at + 1] ?? '';
    const match = matchOf(word, value, family);
    if (word === '-j' || word === '-g') verdict = verdictOf(word, value, family);
    else if (match !== null) matches.push(inverted ? not(match) : match);
    // An option of somebody else's: its values do not begin with a dash.
    else if (word.startsWith('-')) matches.push(unknown);
    inverted = false;
    if (takesValue(word)) at++;
  }
  return { matches, verdict };
}

const ALWAYS: Match = () => true;

function matchOf(word: string, value: string, family: 4 | 6): Match | null {
  switch (word) {
    case '-i':
      return onDevice(value);
    case '-p':
      return ofProtocol(value);
    case '-s':
    case '-d': {
      const [ip = '', length = family === 4 ? '32' : '128'] = value.split('/');
      return inNetwork(word === '-s' ? 'source' : 'destination', ip, Number(length));
    }
    case '--state':
    case '--ctstate':
      return inState(value.split(','));
    case '-m':
    case '--comment':
      return ALWAYS;
    default:
      return null;
  }
}

function takesValue(word: string): boolean {
  return ['-i', '-p', '-s', '-d', '--state', '--ctstate', '-m', '--comment', '-j', '-g'].includes(word);
}

function verdictOf(word: string, target: string, family: 4 | 6): Verdict {
  if (target === 'ACCEPT') return { kind: 'accept' };
  if (target === 'DROP' || target === 'REJECT') return { kind: 'drop' };
  if (target === 'RETURN') return { kind: 'return' };
  // Targets such as LOG are no chains: whoever looks for one finds none, and goes on.
  return { kind: word === '-g' ? 'goto' : 'jump', chain: `${family === 4 ? 'iptables' : 'ip6tables'} ${target}` };
}
