/** Every table of keepalived's keywords in one list: the truth about what is supported, for the document and its tests. */
import { AUTHENTICATION_KEYWORDS } from './authentication.ts';
import { GLOBAL_KEYWORDS } from './global-keywords.ts';
import { INSTANCE_KEYWORDS } from './instance-keywords.ts';
import type { KeywordTable, Support } from './keyword.ts';
import { CHECK_TABLES } from './l4/checker.ts';
import { HTTP_TABLES } from './l4/http-checker.ts';
import { REAL_SERVER_KEYWORDS } from './l4/real-server.ts';
import { VIRTUAL_SERVER_KEYWORDS } from './l4/virtual-server-keywords.ts';
import { SECTIONS } from './sections.ts';
import { SYNC_GROUP_KEYWORDS } from './sync-group.ts';
import { TANDEM_KEYWORDS } from './tandem-block.ts';
import { FILE_KEYWORDS } from './track-file.ts';
import { PROCESS_KEYWORDS } from './track-process.ts';
import { SCRIPT_KEYWORDS } from './vrrp-script.ts';

export interface PairSupportRow {
  readonly word: string;
  readonly usage: string;
  readonly block: boolean;
  readonly support: Support;
  readonly note: string;
}

export interface PairSupportGroup {
  readonly title: string;
  readonly rows: readonly PairSupportRow[];
}

export const PAIR_SUPPORT_TABLE: readonly PairSupportGroup[] = [
  group(SECTIONS),
  group(GLOBAL_KEYWORDS),
  group(INSTANCE_KEYWORDS),
  group(AUTHENTICATION_KEYWORDS),
  group(SYNC_GROUP_KEYWORDS),
  group(SCRIPT_KEYWORDS),
  group(PROCESS_KEYWORDS),
  group(FILE_KEYWORDS),
  group(VIRTUAL_SERVER_KEYWORDS),
  group(REAL_SERVER_KEYWORDS),
  ...checkGroups(),
  group(TANDEM_KEYWORDS),
];

/** Most words are those of every check: the first table has them. */
function checkGroups(): readonly PairSupportGroup[] {
  const [common, ...others] = [...CHECK_TABLES, ...HTTP_TABLES].map((table) => group(table));
  if (common === undefined) return [];
  const words = new Set(common.rows.map(({ word }) => word));
  return [
    { ...common, title: `${common.title}, and of the other checks` },
    ...others.map(({ title, rows }) => ({ title, rows: rows.filter(({ word }) => !words.has(word)) })),
  ];
}

function group<T>(table: KeywordTable<T>): PairSupportGroup {
  const rows = [...table.keywords.values()].map(({ word, usage, block, support, note }) => {
    return { word, usage, block, support, note };
  });
  return { title: table.title, rows };
}
