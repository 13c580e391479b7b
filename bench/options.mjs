// The command line of the bench.
import { parseArgs } from 'node:util';
import { DEFAULT_PEERS, PEERS, parseVariant } from './peers/peers.mjs';

export const USAGE = `usage: npm run bench -- [OPTION…]
  --rounds N         rounds; every peer is measured once in each (5)
  --secs N           seconds of one measurement, fractions allowed (4)
  --only PATTERN     only works whose name matches
  --peers A,B        of ${PEERS.join(', ')}, and variants
                     (all but tandem, which is one of the two before it)
  --variant SPEC     one more peer, NAME=[haproxy:]LINE: as tandem (or haproxy) with a line more, in global, or in
                     defaults when it is an option; NAME=[haproxy:]env VARIABLE=VALUE: with a variable. Repeatable
  --threads N[,N]    threads of a proxy; several numbers make several peers (1)
  --json FILE        the result (bench/out/latest.json)
  --svg FILE         the picture (bench/out/latest.svg)
  --list             names the works and ends`;

const THREADS = /^[1-9]\d?(,[1-9]\d?)*$/;

/** The settings, or `{ error }` with what is wrong. */
export function parseOptions(args) {
  let values;
  try {
    values = parseArgs({
      args,
      options: {
        rounds: { type: 'string', default: '5' },
        secs: { type: 'string', default: '4' },
        only: { type: 'string', default: '' },
        peers: { type: 'string', default: '' },
        variant: { type: 'string', multiple: true, default: [] },
        threads: { type: 'string', default: '1' },
        json: { type: 'string', default: '' },
        svg: { type: 'string', default: '' },
        list: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return { error: error.message };
  }
  const rounds = Number(values.rounds);
  const seconds = Number(values.secs);
  if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= 1000)) return { error: '--rounds wants a number from 1' };
  if (!(seconds >= 0.1 && seconds <= 600)) return { error: '--secs wants seconds from 0.1 to 600' };
  if (!THREADS.test(values.threads)) return { error: '--threads wants numbers from 1 to 99' };
  const variants = values.variant.map(parseVariant);
  const odd = values.variant.find((_, index) => variants[index] === undefined);
  if (odd !== undefined) return { error: `--variant ${odd}: wants NAME=LINE, and a name of its own` };
  const all = [...PEERS, ...variants.map((variant) => variant.name)];
  const chosen = values.peers === '' ? DEFAULT_PEERS : values.peers.split(',');
  // Who describes a variant wants it measured.
  const peers = [...new Set([...chosen, ...variants.map((variant) => variant.name)])];
  const unknown = peers.filter((peer) => !all.includes(peer));
  if (unknown.length > 0) return { error: `--peers: no ${unknown.join(', ')} among ${all.join(', ')}` };
  let only;
  try {
    only = new RegExp(values.only, 'i');
  } catch {
    return { error: `--only ${values.only}: no regular expression` };
  }
  const threads = [...new Set(values.threads.split(',').map(Number))];
  const { json, svg, list } = values;
  return { rounds, seconds, only, peers, variants, threads, json, svg, list };
}
