/** A random haproxy.cfg of what the data path can do. Everything in it is decided by the seed. */
import type { SeededRandom } from '../support/random.ts';
import { WILD } from './manners.ts';

export interface Configuration {
  readonly text: string;
  readonly threads: number;
  readonly maxconn: number;
  /** Whatever goes wrong, a deadline ends it: nobody needs patience. */
  readonly bounded: boolean;
  /** Some listening sockets are shared by all threads. */
  readonly sharesSockets: boolean;
}

const BALANCES: readonly [string, ...string[]] = [
  'roundrobin',
  'static-rr',
  'leastconn',
  'first',
  'roundrobin',
  'source',
];
const REUSES: readonly [string, ...string[]] = ['never', 'safe', 'aggressive', 'always'];
const RETRY_CONDITIONS: readonly [string, ...string[]] = [
  'none',
  '503',
  'all-retryable-errors',
  'all-retryable-errors 404',
  'conn-failure empty-response',
  'junk-response 408 500',
  'response-timeout conn-failure 401 503',
];
const FIRST_PORT = 7000;

/** Ports of servers count up from 7000 in the order of the text, as network.ts gives them out. */
export function configurationOf(random: SeededRandom, mood: number): Configuration {
  const chance = (of: number): boolean => random.below(100) < of;
  const threads = random.pick([1, 1, 2, 3, 4]);
  const bounded = mood === WILD && chance(70);
  const bufferBytes = random.pick([2048, 2048, 4096, 16_384]);
  const lines = ['global', ` tune.bufsize ${bufferBytes}`, ` tune.maxrewrite ${random.pick([512, 1024])}`];
  lines.push('defaults', ...timeouts(random, mood, bounded));
  let port = FIRST_PORT;
  const backends = 1 + random.below(3);
  const names: { name: string; mode: string }[] = [];
  for (let i = 0; i < backends; i++) {
    const mode = i > 0 && chance(25) ? 'tcp' : 'http';
    const servers = 1 + random.below(4);
    names.push({ name: `b${i}`, mode });
    lines.push(...backend(random, mood, i, mode, servers, port));
    port += servers;
  }
  for (let i = 0; i < backends; i++) {
    const { name, mode } = names[i] as { name: string; mode: string };
    lines.push(...frontend(random, i, mode, name));
  }
  if (chance(25)) lines.push(...frontend(random, backends, 'http', 'b0'));
  return {
    text: `${lines.join('\n')}\n`,
    threads,
    maxconn: chance(25) ? 2 + random.below(12) : 200,
    bounded,
    sharesSockets: chance(30),
  };
}

function timeouts(random: SeededRandom, mood: number, bounded: boolean): string[] {
  if (mood !== WILD) return random.below(2) === 0 ? [] : [' timeout client 10m', ' timeout server 10m'];
  const names = ['connect', 'client', 'server'];
  const others = ['queue', 'http-request', 'http-keep-alive', 'tunnel', 'client-fin', 'server-fin'];
  const all = bounded ? names : names.filter(() => random.below(2) === 0);
  const some = others.filter(() => random.below(3) === 0);
  return [...all, ...some].map((name) => ` timeout ${name} ${random.pick([20, 60, 200, 700, 2000])}ms`);
}

function backend(
  random: SeededRandom,
  mood: number,
  index: number,
  mode: string,
  servers: number,
  port: number,
): string[] {
  const chance = (of: number): boolean => random.below(100) < of;
  const lines = [`backend b${index}`, ` mode ${mode}`, ` balance ${random.pick(BALANCES)}`];
  const http = mode === 'http';
  const cookie = http && chance(40);
  if (http) {
    lines.push(` http-reuse ${random.pick(REUSES)}`);
    if (cookie) lines.push(` cookie SRV insert${chance(60) ? ' indirect' : ''}${chance(50) ? ' nocache' : ''}`);
    if (chance(12)) lines.push(' option http-server-close');
    else if (chance(8)) lines.push(' option httpclose');
    if (chance(30)) lines.push(' option forwardfor');
  }
  if (http && chance(10)) lines.push(' option http-buffer-request');
  if (mood === WILD && chance(30)) lines.push(' option abortonclose');
  if (chance(50)) lines.push(` retries ${random.below(4)}`);
  if (chance(40)) lines.push(` retry-on ${random.pick(RETRY_CONDITIONS)}`);
  if (chance(50)) lines.push(` option redispatch${chance(50) ? ` ${random.pick([1, 2, -1])}` : ''}`);
  if (chance(15)) lines.push(' option allbackups');
  for (let i = 0; i < servers; i++) {
    const words = [` server s${i} 192.0.2.11:${port + i}`];
    if (chance(45)) words.push(`maxconn ${1 + random.below(random.pick([2, 6, 20]))}`);
    if (mood === WILD && chance(10)) words.push(`maxqueue ${1 + random.below(4)}`);
    if (chance(30)) words.push(`weight ${random.pick([1, 2, 5, 100])}`);
    if (i > 0 && chance(15)) words.push('backup');
    if (cookie) words.push(`cookie c${i}`);
    if (http && chance(20)) words.push(`pool-max-conn ${random.below(4)}`);
    if (http && chance(40)) words.push(`pool-purge-delay ${random.pick([10, 50, 300])}ms`);
    lines.push(words.join(' '));
  }
  return lines;
}

function frontend(random: SeededRandom, index: number, mode: string, backend: string): string[] {
  const chance = (of: number): boolean => random.below(100) < of;
  const limit = chance(20) ? ` maxconn ${1 + random.below(8)}` : '';
  const lines = [`frontend f${index}`, ` mode ${mode}`, ` bind :${80 + index}${limit}`];
  if (chance(20)) lines.push(` maxconn ${1 + random.below(10)}`);
  if (mode === 'http') {
    if (chance(15)) lines.push(' option forwardfor');
    if (chance(6)) lines.push(' option http-server-close');
    else if (chance(4)) lines.push(' option httpclose');
    if (chance(10)) lines.push(' option http-ignore-probes');
  }
  lines.push(` default_backend ${backend}`);
  return lines;
}
