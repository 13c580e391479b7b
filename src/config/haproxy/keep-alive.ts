/**
 * `clitcpka-cnt`, `-idle`, `-intvl`, and the same of `srvtcpka`: how `option clitcpka` and `option srvtcpka` probe. What the
 * kernel does not take HAProxy passes on all the same, so that nothing comes of it: a warning.
 */
import type { KeepAliveTimers } from '../../core/keep-alive.ts';
import { timeArgument } from './arguments.ts';
import type { ProxyTarget } from './drafts.ts';
import { type Keyword, supported } from './keyword.ts';
import type { Statement } from './statement.ts';

/** TCP_KEEPIDLE and TCP_KEEPINTVL; TCP_KEEPCNT. */
const LONGEST_S = 32_767;
const MOST_PROBES = 127;

type Side = 'frontend' | 'backend';
type Field = 'clientKeepAlive' | 'serverKeepAlive';

export const KEEP_ALIVE_KEYWORDS: readonly Keyword<ProxyTarget>[] = [
  ...timers('clitcpka', 'frontend', 'clientKeepAlive'),
  ...timers('srvtcpka', 'backend', 'serverKeepAlive'),
];

function timers(option: string, side: Side, field: Field): Keyword<ProxyTarget>[] {
  const keyword = (
    word: string,
    usage: string,
    note: string,
    timer: keyof KeepAliveTimers,
    read: (s: Statement, at: number) => number,
  ): Keyword<ProxyTarget> => {
    const apply = (s: Statement, at: number, { proxy }: ProxyTarget): void => {
      proxy[field] = { ...proxy[field], [timer]: read(s, at + 1) };
    };
    return supported(`${option}-${word}`, usage, note, apply, side);
  };
  const silence = 'silence before the first probe; in seconds without a unit';
  return [
    keyword('cnt', '<number>', 'probes without an answer; 0: the kernel’s own', 'count', probes),
    keyword('idle', '<time>', silence, 'idleS', seconds),
    keyword('intvl', '<time>', 'between probes; in seconds without a unit', 'intervalS', seconds),
  ];
}

/** Here HAProxy takes no letters behind a number. */
function probes(s: Statement, at: number): number {
  if (/^\s*[-+]?\d+$/.test(s.text(at))) return bounded(s, at, Number(s.text(at)), MOST_PROBES);
  s.error(at, 'bad-value', `'${s.text(at - 1)}' expects a number, not '${s.text(at)}'`);
  return 0;
}

function seconds(s: Statement, at: number): number {
  return bounded(s, at, timeArgument(s, at, 's') ?? 0, LONGEST_S);
}

function bounded(s: Statement, at: number, value: number, most: number): number {
  if (value >= 0 && value <= most) return value;
  const message = `'${s.text(at - 1)} ${s.text(at)}' has no effect, as in HAProxy: the kernel takes no more than ${most}`;
  s.warning(at, 'no-effect', message, 'write less');
  return 0;
}
