// The command line of the guard.
import { parseArgs } from 'node:util';
import { parseVariant } from '../peers/peers.mjs';

const METHODS = ['auto', 'perf', 'callgrind', 'cpu'];
const ENGINES = ['tandem-io_uring', 'tandem-epoll'];

export const GUARD_USAGE = `usage: npm run bench:guard -- [OPTION…]
  --by METHOD      how instructions are counted: perf, callgrind, cpu (not at all); auto: the first that works here
  --secs N         seconds of a measurement, whole ones (2)
  --rounds N       rounds of the CPU time (5)
  --only PATTERN   only works whose name matches
  --peers A,B      who is guarded, of ${ENGINES.join(', ')}, tandem and variants (${ENGINES.join(',')})
  --variant SPEC   as of npm run bench; guarded beside the others
exit status: 0 within the bounds, 1 over one, 2 not measured`;

/** The settings, or undefined where the command line makes no sense. */
export function parseGuardOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        by: { type: 'string', default: 'auto' },
        secs: { type: 'string', default: '2' },
        rounds: { type: 'string', default: '5' },
        only: { type: 'string', default: '' },
        peers: { type: 'string', default: ENGINES.join(',') },
        variant: { type: 'string', multiple: true, default: [] },
      },
    });
    const variants = values.variant.map(parseVariant);
    if (variants.includes(undefined)) return undefined;
    const guarded = [...values.peers.split(','), ...variants.map((variant) => variant.name)];
    const known = ['tandem', ...ENGINES, ...variants.map((variant) => variant.name)];
    const seconds = Number(values.secs);
    const rounds = Number(values.rounds);
    const sensible =
      METHODS.includes(values.by) &&
      guarded.every((name) => known.includes(name)) &&
      Number.isInteger(seconds) &&
      seconds >= 1 &&
      seconds <= 60 &&
      Number.isInteger(rounds) &&
      rounds >= 1 &&
      rounds <= 50;
    if (!sensible) return undefined;
    return { by: values.by, seconds, rounds, only: new RegExp(values.only, 'i'), guarded, variants };
  } catch {
    return undefined;
  }
}
