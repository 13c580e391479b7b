/** Chance, behind a seam: spreading things over time. Nothing secret comes from here. */
import { randomUUID } from 'node:crypto';

export interface Random {
  /** From 0, included, to 1, not included. */
  next(): number;
}

export const systemRandom: Random = { next: () => Math.random() };

/** A UUID of version 4 (RFC 9562 5.4). */
export function randomUuid(): string {
  return randomUUID();
}
