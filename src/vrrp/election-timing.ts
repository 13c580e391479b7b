/** The timers of the election in milliseconds: RFC 3768 6.1, RFC 5798 6.1 and RFC 9568 6.1. */
import type { VrrpVersion } from './packet.ts';

const VERSION_2_SKEW_UNIT_MS = 1000;

/**
 * How much longer than a better one a backup waits. Version 2: (256 - priority) / 256 seconds, whatever the interval is;
 * version 3: that fraction of the master's interval.
 */
export function skewMs(version: VrrpVersion, priority: number, masterIntervalCs: number): number {
  const unitMs = version === 2 ? VERSION_2_SKEW_UNIT_MS : masterIntervalCs * 10;
  return ((256 - priority) * unitMs) / 256;
}

/** From the last advertisement to the conclusion that the master is gone. */
export function masterDownMs(
  version: VrrpVersion,
  priority: number,
  masterIntervalCs: number,
  missedAdverts: number,
): number {
  return missedAdverts * masterIntervalCs * 10 + skewMs(version, priority, masterIntervalCs);
}
