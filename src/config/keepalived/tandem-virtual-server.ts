/**
 * `track_virtual_server` of `tandem { }`: the words, and the virtual server that they name.
 *
 *   track_virtual_server 192.0.2.1 80 [protocol tcp|udp|sctp] [weight N]
 *   track_virtual_server fwmark 5 [inet|inet6] …
 *   track_virtual_server group web …
 *
 * The same words as behind `virtual_server`, so that what is tracked can be found in the file. Protocols and families are needed
 * where there are two that differ in nothing else.
 */
import type { L4Protocol } from '../l4-model.ts';
import type { IpFamily, VirtualServerTrack } from '../pair-model.ts';
import { nearestWord } from '../suggest.ts';
import { MOST_MARK } from './l4/places.ts';
import type { BuiltServer } from './l4/taken-places.ts';
import type { VirtualServerDraft } from './l4/virtual-server-draft.ts';
import type { Statement } from './statement.ts';
import { readInteger, readIp } from './values.ts';

export interface VirtualServerTrackDraft {
  readonly statement: Statement;
  /** `192.0.2.1 80`, `fwmark 5`, `group web`. */
  readonly wanted: string;
  readonly family: IpFamily | null;
  readonly protocol: L4Protocol | null;
  readonly weight: number | null;
}

const PROTOCOLS: readonly L4Protocol[] = ['TCP', 'UDP', 'SCTP'];

/** null: reported. */
export function readVirtualServerTrack(s: Statement): VirtualServerTrackDraft | null {
  const target = readTarget(s);
  if (target === null) return null;
  let protocol: L4Protocol | null = null;
  let weight: number | null = null;
  for (let at = target.next; s.has(at); at += 2) {
    const word = s.text(at);
    if (word === 'weight') {
      weight = readInteger(s, at + 1, -253, 253);
      if (weight === null) return null;
    } else if (word === 'protocol') {
      protocol = PROTOCOLS.find((one) => one === s.text(at + 1).toUpperCase()) ?? null;
      if (protocol === null) {
        s.error(at + 1, 'bad-value', `'${s.text(at + 1)}' is no protocol`, 'tcp, udp or sctp');
        return null;
      }
    } else {
      s.error(at, 'unknown-keyword', `unknown word '${word}'`, 'there is protocol, weight');
      return null;
    }
  }
  const { wanted, family } = target;
  return { statement: s, wanted, family, protocol, weight };
}

interface Target {
  readonly wanted: string;
  readonly family: IpFamily | null;
  /** Where its options begin. */
  readonly next: number;
}

function readTarget(s: Statement): Target | null {
  switch (s.text(1)) {
    case 'group':
      if (s.has(2)) return { wanted: `group ${s.text(2)}`, family: null, next: 3 };
      s.error(2, 'missing-argument', "'track_virtual_server group' lacks the name");
      return null;
    case 'fwmark': {
      const mark = readInteger(s, 2, 1, MOST_MARK);
      if (mark === null) return null;
      const family = s.text(3) === 'inet' ? 4 : s.text(3) === 'inet6' ? 6 : null;
      return { wanted: `fwmark ${mark}`, family, next: family === null ? 3 : 4 };
    }
    default: {
      const ip = readIp(s, 1);
      // As behind `virtual_server`: no port is all of them.
      const hasPort = s.has(2) && s.text(2) !== 'weight' && s.text(2) !== 'protocol';
      const port = hasPort ? readInteger(s, 2, 0, 65_535) : 0;
      if (ip === null || port === null) return null;
      return { wanted: `${ip.ip} ${port}`, family: null, next: hasPort ? 3 : 2 };
    }
  }
}

/** One block's, each once; what cannot be tracked is reported. */
export function resolveVirtualServerTracks(
  drafts: readonly VirtualServerTrackDraft[],
  built: readonly BuiltServer[],
  read: readonly VirtualServerDraft[],
): readonly VirtualServerTrack[] {
  const tracks: VirtualServerTrack[] = [];
  for (const draft of drafts) {
    const { statement: s, weight } = draft;
    const found = find(draft, built, read);
    if (found === null) continue;
    const { name, family, haSuspend, sorryServer } = found.server;
    if (tracks.some((one) => one.name === name && one.family === family)) {
      s.warning(1, 'repeated-name', `'${draft.wanted}' is tracked already; this line is left out`);
      continue;
    }
    if (haSuspend) {
      const message = `'${draft.wanted}' has ha_suspend: without its address this box would never see it come back`;
      s.error(1, 'suspended-track', message, 'leave ha_suspend out');
    }
    if (weight === null) {
      const sorry = sorryServer === null ? '' : ', and its sorry_server gets no clients';
      const message = `without weight no box has the addresses while '${draft.wanted}' has no quorum on either${sorry}`;
      s.warning(0, 'no-weight', message, 'weight -50, or weight 0 where it is meant');
    }
    tracks.push({ origin: s.origin, name, family, weight: weight ?? 0 });
  }
  return tracks;
}

function find(
  draft: VirtualServerTrackDraft,
  built: readonly BuiltServer[],
  read: readonly VirtualServerDraft[],
): BuiltServer | null {
  const { statement: s, wanted, family, protocol } = draft;
  const same = built.filter((one) => wordsOf(one) === wanted);
  const found = same.filter(
    ({ server }) => (family ?? server.family) === server.family && (protocol ?? server.protocol) === server.protocol,
  );
  const [first = null, second = null] = found;
  if (second !== null) {
    const isProtocol = first?.server.protocol !== second.server.protocol;
    const hint = isProtocol
      ? alternatives(found.map(({ server }) => `protocol ${server.protocol.toLowerCase()}`))
      : 'inet or inet6';
    s.error(1, 'ambiguous-name', `there are ${found.length} virtual servers '${wanted}'`, hint);
    return null;
  }
  if (first !== null) return first;
  const [other] = same;
  if (other !== undefined) {
    const is = `${other.server.protocol.toLowerCase()}, IPv${other.server.family}`;
    s.error(1, 'unknown-name', `the virtual server '${wanted}' is another one: ${is}`);
    return null;
  }
  const left = read.find(({ statement }) => statement.text(1) === s.text(1) && statement.text(2) === s.text(2));
  if (left !== undefined) {
    const message = `the virtual server of line ${left.statement.origin.line} is not there: it has no servers, or is wrong itself`;
    s.error(1, 'unknown-name', message);
    return null;
  }
  const near = nearestWord(wanted, built.map(wordsOf));
  const hint = near === null ? 'as behind virtual_server' : `did you mean '${near}'?`;
  s.error(1, 'unknown-name', `there is no virtual_server '${wanted}'`, hint);
  return null;
}

function alternatives(words: readonly string[]): string {
  return [...new Set(words)].join(' or ');
}

/** As `wanted`: in one spelling of addresses and numbers. */
function wordsOf({ statement, server: { places, marks } }: BuiltServer): string {
  const [place] = places;
  const [mark] = marks;
  if (statement.text(1) === 'group') return `group ${statement.text(2)}`;
  if (statement.text(1) === 'fwmark') return `fwmark ${mark?.mark ?? ''}`;
  return `${place?.first ?? ''} ${place?.firstPort ?? ''}`;
}
