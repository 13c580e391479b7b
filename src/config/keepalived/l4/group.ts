/** `virtual_server_group NAME { … }`: addresses and marks that virtual servers have in common. */
import type { FirewallMark, L4Place } from '../../l4-model.ts';
import type { Statement } from '../statement.ts';
import { readGroupLine } from './places.ts';

export interface VirtualServerGroup {
  readonly statement: Statement;
  readonly name: string;
  readonly places: readonly L4Place[];
  readonly marks: readonly FirewallMark[];
}

export function readGroup(s: Statement): VirtualServerGroup {
  const entries = (s.children ?? []).flatMap((line) => readGroupLine(line) ?? []);
  if ((s.children ?? []).length === 0)
    s.error(1, 'empty-group', `the group '${s.text(1)}' has no address`, '192.0.2.1 80');
  return {
    statement: s,
    name: s.text(1),
    places: entries.flatMap((entry) => ('mark' in entry ? [] : [entry])),
    marks: entries.flatMap((entry) => ('mark' in entry ? [entry] : [])),
  };
}
