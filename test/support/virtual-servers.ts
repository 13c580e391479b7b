/** Virtual servers from text, through the front end, as the program has them. */
import type { VirtualServer } from '../../src/config/l4-model.ts';
import { pairModel } from './pair-model.ts';

export function virtualServers(text: string): readonly VirtualServer[] {
  return pairModel(text).virtualServers;
}
