/**
 * The output of `nft -j list ruleset` → chains that can be asked about a packet. Pure; what is not known is undecided.
 *
 * Tables that iptables wrote there hide their matches from nft (`xt`): they are left out and named, see iptables-rules.ts.
 */
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

export interface NftRuleset {
  readonly chains: readonly FilterChain[];
  /** Some table is iptables' own. */
  readonly hasIptables: boolean;
}

interface NftChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
}

interface NftRule {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** Statements; text, where nft has no JSON for one (`update @set { … }` of 1.0.6). */
  readonly expr?: readonly unknown[];
}

interface NftEntry {
  readonly chain?: NftChain;
  readonly rule?: NftRule;
}

/** Hooks that a packet to this box passes. */
const HOOKS: readonly (string | undefined)[] = ['input', 'prerouting'];

/** Throws on what is not JSON. */
export function parseNftRuleset(json: string): NftRuleset {
  const { nftables = [] } = JSON.parse(json) as { readonly nftables?: readonly NftEntry[] };
  const rules = nftables.flatMap(({ rule }) => rule ?? []);
  const foreign = new Set(
    rules
      .filter(({ expr = [] }) => expr.some((one) => isRecord(one) && 'xt' in one))
      .map(({ family, table }) => `${family} ${table}`),
  );
  const chains = nftables
    .flatMap(({ chain }) => chain ?? [])
    .filter(({ family, table }) => ['inet', 'ip', 'ip6'].includes(family) && !foreign.has(`${family} ${table}`));
  return {
    hasIptables: foreign.size > 0,
    chains: chains.map((chain) => {
      const { family, table, name, hook, policy } = chain;
      const own = rules.filter((rule) => rule.family === family && rule.table === table && rule.chain === name);
      return {
        name: `${family} ${table} ${name}`,
        title: `table ${family} ${table}, chain ${name}`,
        policy: HOOKS.includes(hook) ? (policy === 'drop' ? 'drop' : 'accept') : null,
        rules: own.flatMap(readRule),
      };
    }),
  };
}

function readRule({ family, table, expr = [] }: NftRule): FilterRule[] {
  const matches: Match[] = family === 'inet' ? [] : [(packet) => packet.family === (family === 'ip' ? 4 : 6)];
  for (const one of expr) {
    const statement = isRecord(one) ? one : {};
    const verdict = verdictOf(statement, `${family} ${table}`);
    if (verdict !== null) return [{ matches, verdict }];
    if ('match' in statement) matches.push(readMatch(statement['match']));
    // Whatever else it is, it may be what stops the rule.
    else if (!HARMLESS.some((word) => word in statement)) matches.push(unknown);
    if ('vmap' in statement) return verdictMap(statement['vmap'], matches, `${family} ${table}`);
  }
  return [];
}

/** Bytes of theirs are in no advert. */
const OTHER_PROTOCOLS: ReadonlySet<string> = new Set([
  'tcp',
  'udp',
  'udplite',
  'sctp',
  'dccp',
  'icmp',
  'icmpv6',
  'igmp',
]);

/** What changes or counts, and lets the rule go on. */
const HARMLESS = ['counter', 'log', 'comment', 'mangle', 'notrack', 'set', 'vmap'] as const;

function verdictOf(statement: Readonly<Record<string, unknown>>, table: string): Verdict | null {
  if ('accept' in statement) return { kind: 'accept' };
  if ('drop' in statement || 'reject' in statement) return { kind: 'drop' };
  if ('return' in statement) return { kind: 'return' };
  for (const kind of ['jump', 'goto'] as const) {
    const target = field(statement[kind], 'target');
    if (typeof target === 'string') return { kind, chain: `${table} ${target}` };
  }
  return null;
}

/** `iifname vmap { lo : accept, eth0 : jump world }`: a rule for each. */
function verdictMap(vmap: unknown, before: readonly Match[], table: string): FilterRule[] {
  const pairs = field(field(vmap, 'data'), 'set');
  if (!Array.isArray(pairs)) return [{ matches: [...before, unknown], verdict: { kind: 'accept' } }];
  return pairs.map((pair: unknown) => {
    const [value, then] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    const verdict = isRecord(then) ? verdictOf(then, table) : null;
    const match = readMatch({ op: '==', left: field(vmap, 'key'), right: value });
    return { matches: [...before, match], verdict: verdict ?? { kind: 'next' } };
  });
}

function readMatch(match: unknown): Match {
  const left = field(match, 'left');
  const operator = field(match, 'op');
  const values = valuesOf(field(match, 'right'));
  if (values === null || !['==', '!=', 'in'].includes(String(operator))) return unknown;
  const states = field(field(left, 'ct'), 'key') === 'state';
  const one = states ? inState(values.map(String)) : anyOf(values.map((value) => matchOf(left, value)));
  return operator === '!=' ? not(one) : one;
}

/** null: in another set. */
function valuesOf(right: unknown): readonly unknown[] | null {
  if (typeof right === 'string' && right.startsWith('@')) return null;
  const set = Array.isArray(right) ? right : field(right, 'set');
  return Array.isArray(set) ? set : [right];
}

function matchOf(left: unknown, value: unknown): Match {
  const key = field(field(left, 'meta'), 'key');
  if (key === 'iifname' || key === 'iif') return typeof value === 'string' ? onDevice(value) : unknown;
  if (key === 'l4proto') return isScalar(value) ? ofProtocol(value) : unknown;
  if (key === 'nfproto') return ({ family }) => value === (family === 4 ? 'ipv4' : 'ipv6');
  if (key === 'pkttype') return ({ multicast }) => (value === 'multicast') === multicast;
  const payload = field(left, 'payload');
  const protocol = field(payload, 'protocol');
  const name = field(payload, 'field');
  if (protocol === 'ip' || protocol === 'ip6') {
    if (name === 'protocol' || name === 'nexthdr') return isScalar(value) ? ofProtocol(value) : unknown;
    if (name === 'saddr' || name === 'daddr') return addressMatch(name === 'saddr' ? 'source' : 'destination', value);
    return unknown;
  }
  return OTHER_PROTOCOLS.has(String(protocol)) ? () => false : unknown;
}

function addressMatch(side: 'source' | 'destination', value: unknown): Match {
  const prefix = field(value, 'prefix');
  const ip = prefix === undefined ? value : field(prefix, 'addr');
  if (typeof ip !== 'string') return unknown;
  const whole = ip.includes(':') ? 128 : 32;
  const length = field(prefix, 'len');
  return inNetwork(side, ip, typeof length === 'number' ? length : whole);
}

function anyOf(matches: readonly Match[]): Match {
  return (packet) => {
    const results = matches.map((match) => match(packet));
    return results.includes(true) ? true : results.includes(null) ? null : false;
  };
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}
