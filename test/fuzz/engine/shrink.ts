/**
 * Makes an input that shows a fault as small as it gets while it still shows the same one: pieces are taken out, large ones
 * first, then bytes are made plain. Greedy, deterministic, bounded by a number of tries.
 */

/** Whether the fault is still there. */
export type Shows = (input: string) => boolean | Promise<boolean>;

const MAX_TRIES = 2000;
const PLAIN = ['a', '0', ' '];

export async function shrink(input: string, shows: Shows, maxTries: number = MAX_TRIES): Promise<string> {
  let best = input;
  let tries = 0;
  const improves = async (candidate: string): Promise<boolean> => {
    if (tries >= maxTries || candidate === best) return false;
    tries++;
    if (!(await shows(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let changed = true; changed && tries < maxTries; ) {
    changed = false;
    for (let size = 2 ** Math.floor(Math.log2(Math.max(1, best.length))); size >= 1; size /= 2) {
      for (let at = 0; at < best.length; ) {
        if (await improves(best.slice(0, at) + best.slice(at + size))) changed = true;
        else at += size;
      }
    }
    if (!changed) {
      for (let at = 0; at < best.length; at++) {
        if (PLAIN.includes(best[at] ?? '')) continue;
        for (const char of PLAIN) {
          if (await improves(best.slice(0, at) + char + best.slice(at + 1))) {
            changed = true;
            break;
          }
        }
      }
    }
  }
  return best;
}
