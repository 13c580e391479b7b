// The result of a run as data: what `--json` writes, and what the tables and the picture are drawn from.
import { ratios, spread } from '../statistics.mjs';

export const FORMAT = 1;

/** Keys of a sample that are summed up, each as { median, least, most } over the rounds. */
const MEASURES = ['cpu', 'user', 'cores', 'rate', 'busy', 'p50Ms', 'p90Ms', 'p99Ms', 'p999Ms', 'logLinesPerRequest'];

/** JSON has no NaN: what is not known is not there. */
function knownOnly(entries) {
  return Object.fromEntries(entries.filter(([, value]) => Number.isFinite(value.median)));
}

function ratioOf(key, samples, base) {
  return spread(
    ratios(
      samples.map((one) => one[key]),
      base.map((one) => one[key]),
    ),
  );
}

/**
 * One work. `samples`: peer name → its samples, in the order of the rounds; `baseOf`: peer name → whom it is compared
 * with (undefined for nobody); `residentMib`: peer name → memory after the work.
 */
export function workResult(work, samples, { baseOf, residentMib, notes }) {
  const peers = [...samples].map(([peer, rounds]) => {
    const base = baseOf(peer);
    const baseRounds = (base !== undefined && samples.get(base)) || [];
    const measures = MEASURES.map((key) => [key, spread(rounds.map((round) => round[key]))]);
    const compared = ['cpu', 'rate', 'p99Ms'].map((key) => [`${key}Ratio`, ratioOf(key, rounds, baseRounds)]);
    const troubles = [...new Set(rounds.map((round) => round.trouble).filter((text) => text !== ''))];
    return {
      peer,
      ...(base === undefined ? {} : { comparedWith: base }),
      ...knownOnly([...measures, ...compared]),
      ...(residentMib.has(peer) ? { residentMib: residentMib.get(peer) } : {}),
      ...(troubles.length === 0 ? {} : { troubles }),
      rounds,
    };
  });
  return { name: work.name, per: work.per, notes, peers };
}

export function newRecord({ started, machine, settings }) {
  return { format: FORMAT, started, machine, settings, engines: {}, notes: [], works: [], memory: undefined };
}
