/**
 * Keywords of `global` that change the environment which the lines behind them see: setenv, presetenv, unsetenv, resetenv.
 */
import type { Loading } from './drafts.ts';
import { type Keyword, supported } from './keyword.ts';
import { readVariable } from './tokenizer.ts';

export const GLOBAL_ENVIRONMENT: readonly Keyword<Loading>[] = [
  supported('setenv', '<name> <value>', 'for the lines behind it', (s, _at, { env }) => {
    env[s.text(1)] = s.text(2);
  }),
  supported('presetenv', '<name> <value>', 'sets it unless it is set', (s, _at, { env }) => {
    if (readVariable(env, s.text(1)) === undefined) env[s.text(1)] = s.text(2);
  }),
  supported('unsetenv', '<name> ...', '', (s, _at, { env }) => {
    for (const word of s.words.slice(1)) delete env[word.text];
  }),
  supported('resetenv', '...', 'removes all but the names given', (s, _at, { env }) => {
    const kept = new Set(s.words.slice(1).map((word) => word.text));
    for (const name of Object.keys(env)) if (!kept.has(name)) delete env[name];
  }),
];
