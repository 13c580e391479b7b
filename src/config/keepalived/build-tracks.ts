/** `track_*` lines → tracks: names looked up, weights resolved, and left out where keepalived leaves them out. */
import type { Track } from '../pair-model.ts';
import { nearestWord } from '../suggest.ts';
import type { TracksDraft } from './instance-draft.ts';
import type { Loading } from './loading.ts';
import type { Statement } from './statement.ts';
import type { TrackDraft } from './track-line.ts';

export interface Tracks {
  readonly trackInterfaces: readonly Track[];
  readonly trackScripts: readonly Track[];
  readonly trackProcesses: readonly Track[];
  readonly trackFiles: readonly Track[];
}

/** Why weights may not be: a group moves as one, an owner has a priority that does not move. */
export type WithoutWeights = 'owner' | 'group' | null;

interface Known {
  readonly weight: number;
  readonly reverse: boolean;
}

export function buildTracks(draft: TracksDraft, loading: Loading, without: WithoutWeights): Tracks {
  const scripts = new Map(loading.scripts.map((script) => [script.name, script]));
  const processes = new Map(loading.processes.map(({ value }) => [value.name, value]));
  const files = new Map(loading.files.map(({ value }) => [value.name, value]));
  return {
    trackInterfaces: resolve(draft.interfaces, null, 'interface', without),
    trackScripts: resolve(draft.scripts, scripts, 'vrrp_script', without),
    trackProcesses: resolve(draft.processes, processes, 'vrrp_track_process', without),
    trackFiles: resolve(draft.files, files, 'track_file', without),
  };
}

function resolve(
  lines: readonly TrackDraft[],
  known: ReadonlyMap<string, Known> | null,
  noun: string,
  without: WithoutWeights,
): readonly Track[] {
  return lines.flatMap((line) => {
    const thing = known === null ? { weight: 0, reverse: false } : known.get(line.name);
    if (thing === undefined) {
      reportUnknown(line.statement, noun, known ?? new Map());
      return [];
    }
    const weight = line.weight ?? thing.weight;
    const reverse = line.reverse ?? thing.reverse;
    const track = { origin: line.statement.origin, name: line.name, weight, reverse };
    if (weight === 0 || without === null) return [track];
    return withoutWeight(line, track, noun, without);
  });
}

function reportUnknown(s: Statement, noun: string, known: ReadonlyMap<string, unknown>): void {
  const near = nearestWord(s.text(0), known.keys());
  const hint = near === null ? `${noun} ${s.text(0)} { … }` : `did you mean '${near}'?`;
  s.error(0, 'unknown-name', `there is no ${noun} '${s.text(0)}'`, hint);
}

/** vrrp.c, vrrp_complete_instance: an interface in a group stays without its weight, everything else goes. */
function withoutWeight(line: TrackDraft, track: Track, noun: string, without: 'owner' | 'group'): readonly Track[] {
  const why = without === 'owner' ? 'an owner (priority 255) has no weights' : 'the instance is in a sync group';
  const stays = without === 'group' && (noun === 'interface' || (noun === 'track_file' && track.weight === 1));
  const message = stays
    ? `the weight of '${track.name}' is taken for 0: ${why}`
    : `'${track.name}' has a weight and is not tracked: ${why}`;
  const hint =
    without === 'group' ? 'track it in the vrrp_sync_group, or write sync_group_tracking_weight' : 'weight 0';
  line.statement.warning(0, 'weight-ignored', message, hint);
  return stays ? [{ ...track, weight: 0 }] : [];
}
