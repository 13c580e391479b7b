/** `show version`, `show env`, `show schema json`, `clear counters`: the process as such. */
import type { Command } from '../command.ts';
import { SCHEMA } from '../schema.ts';

export const SHOW_VERSION: Command = {
  words: ['show', 'version'],
  usage: 'show version',
  about: 'show version of the current process',
  level: 'user',
  run: ({ version }) => `${version}\n`,
};

export const SHOW_ENV: Command = {
  words: ['show', 'env'],
  usage: 'show env [var]',
  about: 'dump environment variables known to the process',
  level: 'operator',
  run: ({ environment }, [name]) => {
    if (name !== undefined) {
      const value = environment[name];
      return value === undefined ? 'Variable not found\n' : `${name}=${value}\n`;
    }
    return Object.entries(environment)
      .map(([key, value]) => `${key}=${value ?? ''}\n`)
      .join('');
  },
};

export const SHOW_SCHEMA: Command = {
  words: ['show', 'schema', 'json'],
  usage: 'show schema json',
  about: 'report schema used for stats',
  level: 'user',
  run: () => `${SCHEMA}\n`,
};

export const CLEAR_COUNTERS: Command = {
  words: ['clear', 'counters'],
  usage: 'clear counters [all]',
  about: 'clear max statistics counters (or all counters)',
  level: 'operator',
  run: ({ statistics }, args, { level }) => {
    const all = args[0] === 'all';
    if (all && level !== 'admin') return 'Permission denied\n';
    statistics.clear(all);
    return '';
  },
};
