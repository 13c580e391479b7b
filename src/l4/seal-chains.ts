/**
 * Two chains of each table that no packet sees: `whole` has a rule that leads to `seal`, so `seal` cannot be deleted as long as
 * nobody has flushed the rules. Who asks: kernel-tables.ts.
 */
import type { NftChain } from './nft-table.ts';

export const SEAL = 'seal';

export const SEAL_CHAINS: readonly (readonly [string, NftChain])[] = [
  [SEAL, { declaration: 'comment "no packet comes here: to see that the rules are there";', rules: [] }],
  ['whole', { declaration: 'comment "see seal";', rules: [`jump ${SEAL}`] }],
];
