/**
 * Which of our warnings keepalived counts too when it tests a file (`keepalived -t` ends with 5 then, else with 0). The others
 * are about files that keepalived takes without a word.
 */
import type { Problem } from '../../core/problem.ts';

const COUNTED: ReadonlySet<string> = new Set([
  'authentication-ignored',
  'group-of-one',
  'group-with-owner',
  'interval-changed',
  'multicast-with-unicast',
  'no-address',
  'nopreempt-ignored',
  'own-interface',
  'password-cut',
  'preempt-delay-ignored',
  'peer-with-mask',
  'repeated-track',
  'route-not-tracked',
  'rule-without-preference',
  'strict-mode',
  'too-many-addresses',
  'unicast-without-peer',
  'vmac-keyword',
  'vmac-unicast',
  'weight-ignored',
]);

export function countsInTest({ severity, code }: Problem): boolean {
  return severity === 'error' || (severity === 'warning' && COUNTED.has(code));
}
