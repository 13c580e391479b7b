// How many descriptors the programs started here may have, and how many connections that makes.
import { execFileSync } from 'node:child_process';

const WISHED = 40_000;

/** What a shell does before it becomes the program: more descriptors where we may have them. */
export const RAISE_LIMIT = `ulimit -n ${WISHED} 2>/dev/null || ulimit -n "$(ulimit -H -n)"`;

let known;

export function descriptorLimit() {
  known ??= Number(execFileSync('bash', ['-c', `${RAISE_LIMIT}; ulimit -n`], { encoding: 'utf8' }));
  return known;
}

/** Of a proxy itself: listeners, logs, and the pipes of `option splice-auto`. */
const OWN = 400;

/** Pipes that a proxy that splices may have; haproxy's default is a quarter of its connections, two descriptors each. */
export const MAX_PIPES = 100;

/** Proxies plan for two descriptors a connection, the server's side too, and some of their own. */
export function maxConnections(descriptors = descriptorLimit()) {
  return Math.floor((descriptors - OWN) / 2);
}

/** How many idle connections fit beside `others`. */
export function idleCount(wanted, others, descriptors = descriptorLimit()) {
  return Math.min(wanted, maxConnections(descriptors) - others - 100);
}
