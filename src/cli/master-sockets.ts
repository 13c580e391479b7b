/**
 * `-S <address>[,<parameter>…]`: where master commands are taken. Read as the `stats socket` line that it would be, so that it
 * takes the same parameters; the level is admin, as HAProxy's.
 */
import { hostname } from 'node:os';
import { readFileBytes } from '../config/files.ts';
import { loadHaproxyConfig } from '../config/haproxy/load.ts';
import type { StatsSocket } from '../config/model.ts';
import type { Problem } from '../core/problem.ts';
import { environment } from './environment.ts';

export interface MasterSockets {
  readonly sockets: readonly StatsSocket[];
  readonly problems: readonly Problem[];
}

export function masterSockets(values: readonly string[]): MasterSockets {
  const sockets: StatsSocket[] = [];
  const problems: Problem[] = [];
  for (const value of values) {
    const [address = '', ...parameters] = value.split(',').map(quoted);
    const text = `global\n stats socket ${[address, 'level admin', ...parameters].join(' ')}\n`;
    const files = [{ name: '-S', text }];
    const loaded = loadHaproxyConfig(files, { env: environment, readFile: readFileBytes, hostname: hostname() });
    sockets.push(...(loaded.model?.global.stats.sockets ?? []));
    problems.push(...loaded.problems);
  }
  return { sockets, problems };
}

/** Nothing in it means anything to the one who reads the line. */
function quoted(word: string): string {
  return word.replace(/[\s'"\\#$]/g, '\\$&');
}
