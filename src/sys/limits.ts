/**
 * The limit on open descriptors of this process (getrlimit(2), RLIMIT_NOFILE). Children inherit it.
 *
 * Not here: how many descriptors are needed (src/daemon/limits.ts). Nothing is ever sized from this limit: in containers
 * it is often 2^30.
 */
import { RLIMIT_NOFILE } from './constants.ts';
import * as libc from './libc.ts';
import { scratchAddress, scratchBytes } from './memory.ts';

export interface DescriptorLimit {
  readonly soft: number;
  readonly hard: number;
}

const INFINITY = 2n ** 64n - 1n;

export function descriptorLimit(): DescriptorLimit {
  if (libc.getrlimit(RLIMIT_NOFILE, scratchAddress) < 0) throw new Error(`getrlimit failed, errno ${libc.errno()}`);
  return { soft: readWord(0), hard: readWord(8) };
}

/**
 * Sets the soft limit to `count`, and the hard one too where it is lower and we may; false: the kernel refuses, nothing
 * changed.
 */
export function setDescriptorLimit(count: number): boolean {
  const { hard } = descriptorLimit();
  scratchBytes.writeBigUInt64LE(BigInt(count), 0);
  scratchBytes.writeBigUInt64LE(Number.isFinite(hard) ? BigInt(Math.max(count, hard)) : INFINITY, 8);
  return libc.setrlimit(RLIMIT_NOFILE, scratchAddress) === 0;
}

function readWord(offset: number): number {
  const value = scratchBytes.readBigUInt64LE(offset);
  return value === INFINITY ? Number.POSITIVE_INFINITY : Number(value);
}
