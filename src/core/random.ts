/** Chance, behind a seam: spreading things over time; and secrets, from the kernel's own source. */
import { randomBytes, randomUUID } from 'node:crypto';

export interface Random {
  /** From 0, included, to 1, not included. */
  next(): number;
}

export const systemRandom: Random = { next: () => Math.random() };

/** A UUID of version 4 (RFC 9562 5.4). */
export function randomUuid(): string {
  return randomUUID();
}

/** Nobody guesses it: 192 bits, in letters that are safe everywhere. */
export function secretToken(): string {
  return randomBytes(24).toString('base64url');
}
