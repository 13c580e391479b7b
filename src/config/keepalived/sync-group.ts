/** Keywords of `vrrp_sync_group`. */
import type { SyncGroupDraft } from './instance-draft.ts';
import { block, ignored, type Keyword, keywordTable } from './keyword.ts';
import { notifyKeywords, trackKeywords } from './notify-keywords.ts';
import { flag } from './setters.ts';

const KEYWORDS: readonly Keyword<SyncGroupDraft>[] = [
  block('group', '', 'names of instances', (s, group) => {
    for (const line of s.children ?? []) {
      // keepalived reads this block word by word.
      for (const [at, { text: name }] of line.words.entries()) group.members.push({ statement: line, at, name });
    }
  }),
  flag('sync_group_tracking_weight', 'trackingWeight', 'weights of members stay'),
  ...trackKeywords<SyncGroupDraft>(),
  ...notifyKeywords<SyncGroupDraft>(),
  ...ignored<SyncGroupDraft>('obsolete: write track_interface or track_script in the group', 'global_tracking'),
];

export const SYNC_GROUP_KEYWORDS = keywordTable<SyncGroupDraft>('vrrp_sync_group', 'in vrrp_sync_group', KEYWORDS);
