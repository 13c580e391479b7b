// The command line of bench:l4.
import { parseArgs } from 'node:util';
import { WAYS } from './ways.mjs';

export const USAGE = `usage: npm run bench:l4 -- [OPTION…], as root
  --rounds N       rounds; every way is measured once in each (5)
  --secs N         whole seconds of one measurement (1)
  --only PATTERN   only works whose name matches
  --ways A,B       of ${Object.keys(WAYS).join(', ')} (all)
  --json FILE      the result (bench/out/l4.json)`;

/** The settings, or `{ error }` with what is wrong. */
export function parseL4Options(args) {
  let values;
  try {
    values = parseArgs({
      args,
      options: {
        rounds: { type: 'string', default: '5' },
        secs: { type: 'string', default: '1' },
        only: { type: 'string', default: '' },
        ways: { type: 'string', default: Object.keys(WAYS).join(',') },
        json: { type: 'string', default: '' },
      },
    }).values;
  } catch (error) {
    return { error: error.message };
  }
  const rounds = Number(values.rounds);
  const seconds = Number(values.secs);
  if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= 1000)) return { error: '--rounds wants a number from 1' };
  if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= 600))
    return { error: '--secs wants whole seconds, from 1' };
  const ways = [...new Set(values.ways.split(','))];
  const unknown = ways.filter((way) => WAYS[way] === undefined);
  if (unknown.length > 0) return { error: `--ways: no ${unknown.join(', ')}` };
  let only;
  try {
    only = new RegExp(values.only, 'i');
  } catch {
    return { error: `--only ${values.only}: no regular expression` };
  }
  return { rounds, seconds, only, ways, json: values.json };
}
