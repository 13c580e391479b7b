/** Lines of `track_interface`, `track_script`, `track_process` and `track_file`: `NAME [weight N [reverse|noreverse]]`. */
import type { Statement } from './statement.ts';
import { readInteger } from './values.ts';

export interface TrackDraft {
  readonly statement: Statement;
  readonly name: string;
  /** null: that of the thing itself. */
  readonly weight: number | null;
  readonly reverse: boolean | null;
}

/** keepalived takes 254 for 253, from the time when it was allowed. */
const MOST_WEIGHT = 254;

/** null: reported. */
export function readTrackLine(s: Statement): TrackDraft | null {
  const name = s.text(0);
  if (s.children !== null) {
    s.error(0, 'unexpected-brace', `'${name}' has no block here`);
    return null;
  }
  if (!s.has(1)) return { statement: s, name, weight: null, reverse: null };
  if (s.text(1) !== 'weight') {
    s.error(
      1,
      'unknown-keyword',
      `unknown word '${s.text(1)}'`,
      'write: NAME weight N [reverse]; a line holds one name',
    );
    return null;
  }
  if (!s.has(2)) {
    s.error(2, 'missing-argument', "'weight' lacks its value");
    return null;
  }
  const written = readInteger(s, 2, -MOST_WEIGHT, MOST_WEIGHT);
  if (written === null) return null;
  const weight = Math.max(-253, Math.min(253, written));
  if (!s.has(3)) return { statement: s, name, weight, reverse: null };
  const direction = s.text(3);
  if (s.has(4) || (direction !== 'reverse' && direction !== 'noreverse' && direction !== 'no_reverse')) {
    const at = s.has(4) ? 4 : 3;
    s.error(at, 'unknown-keyword', `unknown word '${s.text(at)}'`, "behind the weight comes 'reverse' or nothing");
    return null;
  }
  return { statement: s, name, weight, reverse: direction === 'reverse' };
}

/** Adds a line to a list that holds each name once. */
export function addTrackLine(s: Statement, list: TrackDraft[]): void {
  const track = readTrackLine(s);
  if (track === null) return;
  if (list.some(({ name }) => name === track.name)) {
    s.warning(0, 'repeated-track', `'${track.name}' is tracked already; this line is left out`);
    return;
  }
  list.push(track);
}
