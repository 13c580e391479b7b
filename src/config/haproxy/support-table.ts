/**
 * Every table of keywords in one list: the truth about what is supported, for the document and for its tests.
 */
import { BALANCE_ALGORITHMS } from './balance.ts';
import { BIND_PARAMETERS } from './bind.ts';
import { HTTP_CHECK_RULES, TCP_CHECK_RULES } from './checks.ts';
import { COOKIE_OPTIONS } from './cookie.ts';
import { ERROR_SECTION_KEYWORDS } from './error-sections.ts';
import { GLOBAL_KEYWORDS } from './global-keywords.ts';
import type { KeywordTable, Side, Support } from './keyword.ts';
import { OPTIONS } from './options.ts';
import { PROXY_KEYWORDS } from './proxy-keywords.ts';
import { SECTIONS } from './sections.ts';
import { SERVER_PARAMETERS } from './server.ts';
import { STATS_PAGE_PARAMETERS } from './stats-page.ts';
import { STATS_SOCKET_PARAMETERS } from './stats-socket.ts';
import { TIMEOUTS } from './timeouts.ts';

export interface SupportRow {
  readonly word: string;
  readonly usage: string;
  readonly support: Support;
  readonly side: Side;
  readonly note: string;
}

export interface SupportGroup {
  readonly title: string;
  readonly rows: readonly SupportRow[];
}

export const SUPPORT_TABLE: readonly SupportGroup[] = [
  group(SECTIONS),
  group(GLOBAL_KEYWORDS),
  group(PROXY_KEYWORDS),
  group(OPTIONS),
  group(TIMEOUTS),
  group(BIND_PARAMETERS),
  group(STATS_SOCKET_PARAMETERS),
  group(STATS_PAGE_PARAMETERS),
  group(SERVER_PARAMETERS),
  group(BALANCE_ALGORITHMS),
  group(COOKIE_OPTIONS),
  group(HTTP_CHECK_RULES),
  group(TCP_CHECK_RULES),
  group(ERROR_SECTION_KEYWORDS),
];

function group<T>(table: KeywordTable<T>): SupportGroup {
  const rows = [...table.keywords.values()].map(({ word, usage, support, side, note }) => {
    return { word, usage, support, side, note };
  });
  return { title: table.title, rows };
}
