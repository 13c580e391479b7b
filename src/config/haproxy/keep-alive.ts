/** `clitcpka-cnt`, `-idle`, `-intvl`, and the same of `srvtcpka`: how `option clitcpka` and `option srvtcpka` probe. */
import type { KeepAliveTimers } from '../../core/keep-alive.ts';
import { integerArgument, timeArgument } from './arguments.ts';
import type { ProxyTarget } from './drafts.ts';
import { type Keyword, supported } from './keyword.ts';

/** TCP_KEEPIDLE and TCP_KEEPINTVL; TCP_KEEPCNT. The kernel refuses more. */
const LONGEST_S = 32_767;
const MOST_PROBES = 127;

export const KEEP_ALIVE_KEYWORDS: readonly Keyword<ProxyTarget>[] = [
  ...timers('clitcpka', 'frontend', 'clientKeepAlive'),
  ...timers('srvtcpka', 'backend', 'serverKeepAlive'),
];

function timers(
  word: string,
  side: 'frontend' | 'backend',
  of: 'clientKeepAlive' | 'serverKeepAlive',
): Keyword<ProxyTarget>[] {
  const change = (proxy: ProxyTarget['proxy'], timer: Partial<KeepAliveTimers>): void => {
    proxy[of] = { ...proxy[of], ...timer };
  };
  const seconds = (name: string, note: string, timer: 'idleS' | 'intervalS'): Keyword<ProxyTarget> =>
    supported(
      `${word}-${name}`,
      '<time>',
      note,
      (s, at, { proxy }) => {
        const ms = timeArgument(s, at + 1, 's') ?? 0;
        const value = Math.trunc(ms / 1000);
        if (value <= LONGEST_S) change(proxy, { [timer]: value });
        else s.error(at + 1, 'bad-value', `the kernel takes no more than ${LONGEST_S} s`);
      },
      side,
    );
  return [
    supported(
      `${word}-cnt`,
      '<number>',
      'probes without an answer; 0: the kernel’s own',
      (s, at, { proxy }) => {
        // Here HAProxy takes no letters behind a number.
        if (/^\s*\+?\d+$/.test(s.text(at + 1))) {
          change(proxy, { count: integerArgument(s, at + 1, { max: MOST_PROBES }) ?? 0 });
        } else s.error(at + 1, 'bad-value', `'${s.text(at)}' expects a number, not '${s.text(at + 1)}'`);
      },
      side,
    ),
    seconds('idle', 'silence before the first probe; in seconds without a unit', 'idleS'),
    seconds('intvl', 'between probes; in seconds without a unit', 'intervalS'),
  ];
}
