/** All keywords of the `global` section. */
import type { Loading } from './drafts.ts';
import { GLOBAL_ENVIRONMENT } from './global-environment.ts';
import { GLOBAL_PROCESS } from './global-process.ts';
import { GLOBAL_THREADS } from './global-threads.ts';
import { GLOBAL_TUNING } from './global-tuning.ts';
import { applyKeyword, findKeyword, keywordTable } from './keyword.ts';
import type { Statement } from './statement.ts';

export const GLOBAL_KEYWORDS = keywordTable<Loading>('`global`', 'keyword', [
  ...GLOBAL_PROCESS,
  ...GLOBAL_THREADS,
  ...GLOBAL_ENVIRONMENT,
  ...GLOBAL_TUNING,
]);

export function applyGlobalStatement(s: Statement, loading: Loading): void {
  const keyword = findKeyword(GLOBAL_KEYWORDS, s, 0);
  if (keyword !== null) applyKeyword(GLOBAL_KEYWORDS, keyword, s, 0, loading);
}
