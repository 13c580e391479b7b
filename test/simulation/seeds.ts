/** What is made of a seed before anything else. */
import type { SeededRandom } from '../support/random.ts';
import { CALM, POLITE, WILD } from './manners.ts';

/** Seeds that follow each other have nothing in common (the finalizer of MurmurHash3). */
export function scrambled(seed: number): number {
  let hash = seed | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** CALM, POLITE or WILD. */
export function moodOf(random: SeededRandom): number {
  return random.pick([CALM, CALM, POLITE, WILD, WILD, WILD, WILD]);
}
