// The command line of npm run hostile.
import { parseArgs } from 'node:util';
import { DEFAULT_PEERS, PEERS } from './peers.mjs';

export const USAGE = `usage: npm run hostile -- [OPTION…]
  --only PREFIX      only cases whose id begins so: F, or F-size
  --peers A,B        of ${Object.keys(PEERS).join(', ')} (${DEFAULT_PEERS.join(',')})
  --verbose          what each peer did with each case, and what it did not get right
  --json FILE        every case with every outcome
  --markdown FILE    the table as a document (docs/hostile.md)
  --lanes N          cases at once (16)
  --list             the cases, one a line, and ends`;

/** The settings, or `{ error }` with what is wrong. */
export function parseOptions(args) {
  let values;
  try {
    values = parseArgs({
      args,
      options: {
        only: { type: 'string', default: '' },
        peers: { type: 'string', default: DEFAULT_PEERS.join(',') },
        verbose: { type: 'boolean', default: false },
        json: { type: 'string', default: '' },
        markdown: { type: 'string', default: '' },
        lanes: { type: 'string', default: '16' },
        list: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return { error: error.message };
  }
  const lanes = Number(values.lanes);
  if (!(Number.isInteger(lanes) && lanes >= 1 && lanes <= 64)) return { error: '--lanes wants a number from 1 to 64' };
  const peers = [...new Set(values.peers.split(','))];
  const unknown = peers.filter((peer) => PEERS[peer] === undefined);
  if (unknown.length > 0) return { error: `--peers: no ${unknown.join(', ')} among ${Object.keys(PEERS).join(', ')}` };
  return { ...values, lanes, peers };
}
