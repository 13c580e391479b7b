/**
 * Lines of `virtual_routes`, `static_routes`, `virtual_rules` and `static_rules`: the words of `ip route` and `ip rule`, in
 * full, with a few of keepalived's own (vrrp_iproute.c, vrrp_iprule.c).
 *
 *   src 10.0.0.10 to 192.168.9.0/24 via 10.0.0.1 dev eth0   →   192.168.9.0/24 src 10.0.0.10 via 10.0.0.1 dev eth0
 *
 * Which values a word takes is left to `ip`; that a word exists is checked here.
 */
import type { IpFamily, KernelEntry } from '../pair-model.ts';
import { nearestWord } from '../suggest.ts';
import type { Statement } from './statement.ts';
import { familyOf, readInterface } from './values.ts';

/** Words and how many values each takes. */
const ROUTE_WORDS = new Map<string, number>([
  ...words(1, 'via gw dev oif src from table tos dsfield metric priority preference pref protocol scope mtu advmss'),
  ...words(1, 'hoplimit rtt rttvar reordering window cwnd ssthresh realms rto_min initcwnd initrwnd quickack vrf'),
  ...words(1, 'features congctl expires fastopen_no_cookie ttl-propagate weight as'),
  ...words(0, 'onlink nexthop lock'),
]);

const ROUTE_TYPES: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit', 'throw', 'unicast', 'local']);

const RULE_WORDS = new Map<string, number>([
  ...words(1, 'from to iif oif tos dsfield fwmark table lookup preference priority order pref realms goto uidrange'),
  ...words(
    1,
    'ipproto ip_proto sport dport protocol tunnel-id suppress_prefixlength sup_pl suppress_ifgroup sup_group',
  ),
  ...words(0, 'nop l3mdev not blackhole unreachable prohibit'),
]);

/** Words whose value is an address or a network. */
const ADDRESS_WORDS: ReadonlySet<string> = new Set(['via', 'gw', 'src', 'from', 'to']);

/** keepalived's words that `ip` calls otherwise. */
const RENAMED: Readonly<Record<string, string>> = {
  gw: 'via',
  ip_proto: 'ipproto',
  sup_pl: 'suppress_prefixlength',
  sup_group: 'suppress_ifgroup',
};

function words(takes: number, list: string): [string, number][] {
  return list.split(' ').map((word) => [word, takes]);
}

export function readRoute(s: Statement): KernelEntry | null {
  const reading = new Reading(s, ROUTE_WORDS, 'route');
  // The destination may stand anywhere: first, behind `to`, behind a type.
  const takeDestination = (at: number): number | null => {
    const text = s.text(at);
    if (text === 'to') return s.has(at + 1) ? reading.destination(at + 1) : null;
    if (ROUTE_TYPES.has(text)) return reading.type(at);
    return text === 'default' || familyOf(text.split('/')[0] ?? '') !== null ? reading.destination(at) : null;
  };
  return reading.run(takeDestination);
}

/** One that comes and goes with an instance: FAULT if somebody takes it away, where it can be noticed. */
export function readVirtualRoute(s: Statement): KernelEntry | null {
  const route = readRoute(s);
  if (route === null || route.noTrack || route.device !== null) return route;
  s.warning(0, 'route-not-tracked', 'without `dev` nobody notices when this route is taken away', 'no_track');
  return { ...route, noTrack: true };
}

export function readRule(s: Statement): KernelEntry | null {
  const rule = new Reading(s, RULE_WORDS, 'rule').run(() => null);
  if (rule !== null && !hasPreference(rule)) {
    const message = 'this rule has no preference; it gets one of those below 16384, in the order of the file';
    s.warning(0, 'rule-without-preference', message, 'preference N');
  }
  return rule;
}

const PREFERENCE_WORDS: readonly string[] = ['preference', 'priority', 'order', 'pref'];
/** RULE_START_PRIORITY: counted down from here, so that later rules come first. */
const FIRST_PREFERENCE = 16_384;

function hasPreference({ words: own }: KernelEntry): boolean {
  return PREFERENCE_WORDS.some((word) => own.includes(word));
}

/** Gives a preference to each rule that has none, each family on its own. */
export class RulePreferences {
  readonly #next: Record<IpFamily, number> = { 4: FIRST_PREFERENCE, 6: FIRST_PREFERENCE };

  complete(rules: readonly KernelEntry[]): readonly KernelEntry[] {
    return rules.map((rule) => {
      if (hasPreference(rule)) return rule;
      return { ...rule, words: [...rule.words, 'preference', String(this.#next[rule.family]--)] };
    });
  }
}

class Reading {
  readonly #s: Statement;
  readonly #known: ReadonlyMap<string, number>;
  readonly #noun: string;
  readonly #out: string[] = [];
  #type: string | null = null;
  #destination: string | null = null;
  #family: IpFamily | null = null;
  #device: string | null = null;
  #noTrack = false;

  constructor(s: Statement, known: ReadonlyMap<string, number>, noun: string) {
    this.#s = s;
    this.#known = known;
    this.#noun = noun;
  }

  destination(at: number): number | null {
    if (this.#destination !== null) return null;
    this.#destination = this.#s.text(at);
    this.#see(this.#destination);
    return at;
  }

  type(at: number): number | null {
    this.#type = this.#s.text(at);
    return at;
  }

  /** `take` gives the place of the last word it has used, null when the word is none of its own. */
  run(take: (at: number) => number | null): KernelEntry | null {
    const s = this.#s;
    if (s.children !== null) {
      s.error(0, 'unexpected-brace', `a ${this.#noun} has no block`);
      return null;
    }
    for (let at = 0; s.has(at); at++) {
      const next = this.#own(at) ?? take(at) ?? this.#word(at);
      if (next === null) return null;
      at = next;
    }
    if (this.#noun === 'route' && this.#destination === null) {
      s.error(0, 'missing-argument', 'this route has no destination');
      return null;
    }
    const head = [this.#type, this.#destination].filter((word) => word !== null);
    const family = this.#family ?? 4;
    return { origin: s.origin, family, words: [...head, ...this.#out], device: this.#device, noTrack: this.#noTrack };
  }

  /** Words that are keepalived's and not those of `ip`. */
  #own(at: number): number | null {
    switch (this.#s.text(at)) {
      case 'no_track':
        this.#noTrack = true;
        return at;
      case 'inet6':
        this.#family = 6;
        return at;
      case 'inet':
        this.#family = 4;
        return at;
      default:
        return null;
    }
  }

  #word(at: number): number | null {
    const s = this.#s;
    const word = s.text(at);
    if (['track_group', 'append', 'prepend', 'add', 'encap', 'or'].includes(word)) {
      s.error(at, 'unsupported-keyword', `'${word}' of a ${this.#noun} is not supported yet`);
      return null;
    }
    const takes = this.#known.get(word);
    if (takes === undefined) {
      const near = nearestWord(word, this.#known.keys());
      const hint = near === null ? undefined : `did you mean '${near}'?`;
      s.error(at, 'unknown-keyword', `unknown word '${word}' in a ${this.#noun}`, hint);
      return null;
    }
    if (!s.has(at + takes)) {
      s.error(at + 1, 'missing-argument', `'${word}' lacks its value`);
      return null;
    }
    this.#out.push(RENAMED[word] ?? word);
    if (takes === 0) return at;
    this.#out.push(s.text(at + 1));
    if (ADDRESS_WORDS.has(word) && !this.#isAddress(at + 1)) return null;
    this.#see(s.text(at + 1).split('/')[0] ?? '');
    if (word !== 'dev') return at + 1;
    this.#device = readInterface(s, at + 1);
    return this.#device === null ? null : at + 1;
  }

  #isAddress(at: number): boolean {
    const text = this.#s.text(at);
    const [ip = '', length = '0', ...more] = text.split('/');
    const family = familyOf(ip);
    const fine =
      family !== null && more.length === 0 && /^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128);
    if (fine || text === 'default' || text === 'all' || text === 'any') return true;
    this.#s.error(at, 'bad-address', `'${text}' is no IP address`);
    return false;
  }

  #see(text: string): void {
    this.#family ??= text.includes(':') ? familyOf(text.split('/')[0] ?? '') : null;
  }
}
