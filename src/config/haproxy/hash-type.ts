/** `hash-type` and `hash-balance-factor`: how a hashing `balance` gets from its key to a server. */
import type { HashFunction } from '../model.ts';
import { choiceArgument, integerArgument } from './arguments.ts';
import type { ProxyTarget } from './drafts.ts';
import type { Statement } from './statement.ts';

const FUNCTIONS: readonly HashFunction[] = ['sdbm', 'djb2', 'crc32', 'wt6'];
/** Not more than the mean could not be kept. */
const LEAST_FACTOR = 101;

/** Without a function, sdbm; a consistent hash then has `avalanche`, which it needs. */
export function applyHashType(s: Statement, at: number, { proxy }: ProxyTarget): void {
  if (s.text(at + 1) === 'avalanche') {
    s.error(
      at + 1,
      'removed-keyword',
      "'hash-type avalanche' does not exist any more",
      'hash-type map-based sdbm avalanche',
    );
    return;
  }
  const method = choiceArgument(s, at + 1, ['consistent', 'map-based'] as const);
  if (method === null) return;
  const consistent = method === 'consistent';
  if (!s.has(at + 2)) {
    proxy.hashType = { consistent, function: 'sdbm', avalanche: consistent };
    return;
  }
  const chosen = choiceArgument(s, at + 2, FUNCTIONS);
  if (chosen === null) return;
  const avalanche = s.has(at + 3);
  if (avalanche && choiceArgument(s, at + 3, ['avalanche']) === null) return;
  proxy.hashType = { consistent, function: chosen, avalanche };
}

export function applyHashBalanceFactor(s: Statement, at: number, { proxy }: ProxyTarget): void {
  const factor = integerArgument(s, at + 1, { min: 0 });
  if (factor === null) return;
  if (factor !== 0 && factor < LEAST_FACTOR) {
    s.error(at + 1, 'bad-value', `'hash-balance-factor ${factor}' must be 0 or greater than 100`, '150 is usual');
    return;
  }
  proxy.hashBalanceFactor = factor;
}
