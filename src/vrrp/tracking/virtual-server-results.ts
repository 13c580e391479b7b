/** Virtual servers as something to be tracked: what an instance is told of each. Pure. Not here: quorums (src/l4/pool.ts). */
import type { VirtualServerTrack } from '../../config/pair-model.ts';
import type { TrackResult } from '../priority.ts';

export function virtualServerResult({ name, family, weight }: VirtualServerTrack, hasQuorum: boolean): TrackResult {
  // A mark may be one virtual server's of each family.
  const title = name.startsWith('FWM ') && family === 6 ? `${name} (IPv6)` : name;
  const what = `track_virtual_server ${title}`;
  return { name: `virtual server ${title} has lost its quorum`, what, ok: hasQuorum, weight };
}
