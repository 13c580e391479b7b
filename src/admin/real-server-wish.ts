/** What an operator may want of a real server, in words: the stats socket's, and the dashboard's. */
import type { RealServerWish } from '../daemon/pair-balancer.ts';

const WEIGHT_MAX = 65_535;

/** `['down']`, `['weight', '5']`; null: that is no wish. */
export function realServerWish([word, number = '']: readonly string[]): RealServerWish | null {
  switch (word) {
    case 'up':
    case 'down':
      return { held: word };
    case 'drain':
      return { weight: 0 };
    case 'release':
      return { held: null, weight: null };
    case 'weight':
      return /^\d{1,5}$/.test(number) && Number(number) <= WEIGHT_MAX ? { weight: Number(number) } : null;
    default:
      return null;
  }
}
