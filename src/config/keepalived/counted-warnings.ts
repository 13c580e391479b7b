/**
 * Which of our warnings keepalived counts too when it tests a file (`keepalived -t` ends with 5 then, else with 0). The others
 * are about files that keepalived takes without a word.
 */
import type { Problem } from '../../core/problem.ts';

const COUNTED: ReadonlySet<string> = new Set([
  'authentication-ignored',
  'default-taken',
  'first-one-counts',
  'group-of-one',
  'group-with-owner',
  'hash-flag',
  'hysteresis-lowered',
  'interval-changed',
  'made-persistent',
  'multicast-with-unicast',
  'no-address',
  'no-effect-protocol',
  'no-server',
  'nopreempt-ignored',
  'old-keyword',
  'only-udp',
  'own-interface',
  'password-cut',
  'preempt-delay-ignored',
  'peer-with-mask',
  'port-kept',
  'quorum-lowered',
  'repeated-track',
  'route-not-tracked',
  'rule-without-preference',
  'sorry-server-first',
  'sorry-server-inhibit',
  'strict-mode',
  'suspend-with-marks',
  'too-many-addresses',
  'unicast-without-peer',
  'vmac-keyword',
  'vmac-unicast',
  'weight-ignored',
]);

export function countsInTest({ severity, code }: Problem): boolean {
  return severity === 'error' || (severity === 'warning' && COUNTED.has(code));
}
