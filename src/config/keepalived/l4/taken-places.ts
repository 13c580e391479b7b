/**
 * Addresses and marks that two virtual servers have: the kernel would ask the first of them only (IPVS refuses the second,
 * too, when the program runs). All ports together are another place than one of them.
 */
import type { L4Place, VirtualServer } from '../../l4-model.ts';
import type { Statement } from '../statement.ts';
import { compareIps, placeText } from './places.ts';

export interface BuiltServer {
  readonly statement: Statement;
  readonly server: VirtualServer;
}

interface Taken {
  readonly place: L4Place;
  readonly by: Statement;
}

export function checkTaken(built: readonly BuiltServer[]): void {
  const single = new Map<string, Taken>();
  const ranges = new Map<string, Taken[]>();
  const marks = new Map<string, Statement>();
  for (const { statement, server } of built) {
    for (const place of server.places) {
      const { family, first, last, firstPort } = place;
      const group = `${server.protocol} ${family} ${firstPort}`;
      const same = single.get(`${group} ${first}`);
      const others = ranges.get(group) ?? [];
      const other =
        same ?? others.find((one) => meets(one.place, place)) ?? (first === last ? null : within(single, group, place));
      if (other !== null) report(statement, placeText(place, server.protocol), other.by);
      else if (first === last) single.set(`${group} ${first}`, { place, by: statement });
      else ranges.set(group, [...others, { place, by: statement }]);
    }
    for (const { mark } of server.marks) {
      const key = `${mark} ${server.family}`;
      const by = marks.get(key);
      if (by === undefined) marks.set(key, statement);
      else report(statement, `fwmark ${mark}`, by);
    }
  }
}

function within(single: ReadonlyMap<string, Taken>, group: string, range: L4Place): Taken | null {
  for (const [key, taken] of single) if (key.startsWith(`${group} `) && meets(taken.place, range)) return taken;
  return null;
}

function meets(a: L4Place, b: L4Place): boolean {
  return compareIps(a.first, b.last, a.family) <= 0 && compareIps(b.first, a.last, a.family) <= 0;
}

function report(s: Statement, what: string, by: Statement): void {
  const { file, line } = by.origin;
  const where =
    by === s
      ? 'this virtual server twice'
      : `the virtual server in ${file === s.origin.file ? '' : `${file}:`}line ${line}`;
  s.error(1, 'repeated-place', `${what} is in ${where}${by === s ? '' : ' already'}`);
}
