/** How clients and servers of a run behave. Shares are of a thousand, of clients, requests, or answers. */
import type { SeededRandom } from '../support/random.ts';

/** Everybody keeps to the rules, and nothing is to go wrong: every request is answered. */
export const CALM = 0;
/** Servers end connections between answers whenever they like: what can be sent again is answered. */
export const POLITE = 1;
/** Anything. */
export const WILD = 2;

export interface Manners {
  /** CALM, POLITE, WILD. */
  readonly mood: number;
  // Clients.
  readonly clientsAtOnce: number;
  readonly requestsPerClient: number;
  readonly pipelining: number;
  readonly thinking: number;
  readonly longestThoughtMs: number;
  readonly slowReaders: number;
  readonly halfCloses: number;
  readonly staysIdle: number;
  readonly old: number;
  readonly closes: number;
  readonly expects: number;
  readonly upgrades: number;
  readonly cookies: number;
  readonly largeHeads: number;
  readonly bad: number;
  readonly leaves: number;
  readonly silent: number;
  readonly lazy: number;
  /** A client waits for so long for anything to happen; 0: for ever. */
  readonly patienceMs: number;
  // Servers.
  readonly pausesBeforeAnswer: number;
  readonly longestPauseMs: number;
  readonly chunked: number;
  readonly untilClose: number;
  readonly bodyless: number;
  /** Answers with a status that `retry-on` may know. */
  readonly failing: number;
  readonly interim: number;
  readonly announcedCloses: number;
  readonly closesAfter: number;
  readonly idleEnds: number;
  readonly resets: number;
  readonly truncations: number;
  readonly stalls: number;
  readonly earlyAnswers: number;
  readonly garbage: number;
  readonly malformed: number;
  readonly refusals: number;
  readonly silences: number;
  readonly slowConnects: number;
}

export function mannersOf(random: SeededRandom, mood: number, bounded: boolean): Manners {
  const share = (most: number): number => (random.below(3) === 0 ? 0 : random.below(most));
  const wild = (most: number): number => (mood === WILD ? share(most) : 0);
  const polite = (most: number): number => (mood >= POLITE ? share(most) : 0);
  return {
    mood,
    clientsAtOnce: 1 + random.below(random.pick([4, 16, 48])),
    requestsPerClient: 1 + random.below(random.pick([2, 12, 24])),
    pipelining: share(500),
    thinking: share(500),
    longestThoughtMs: 1 + random.below(60),
    slowReaders: share(150),
    halfCloses: share(200),
    staysIdle: wild(100),
    old: share(150),
    closes: share(300),
    expects: share(100),
    upgrades: share(100),
    cookies: share(900),
    largeHeads: share(60),
    bad: wild(60),
    leaves: wild(120),
    silent: wild(50),
    lazy: wild(200),
    patienceMs: mood === WILD && (!bounded || random.below(3) === 0) ? 200 + random.below(4000) : 0,
    pausesBeforeAnswer: share(500),
    longestPauseMs: 1 + random.below(30),
    chunked: share(600),
    untilClose: share(100),
    bodyless: share(80),
    failing: share(120),
    interim: share(100),
    announcedCloses: share(200),
    closesAfter: polite(150),
    idleEnds: polite(200),
    resets: wild(60),
    truncations: wild(60),
    stalls: wild(30),
    earlyAnswers: wild(200),
    garbage: wild(50),
    malformed: wild(40),
    refusals: wild(80),
    silences: wild(30),
    slowConnects: share(200),
  };
}
