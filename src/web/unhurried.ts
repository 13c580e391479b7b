/** Long answers of many small pieces: joined, so that they are not as many writes; between two of them others have their turn. */
import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_CHARACTERS = 16_384;

export async function* unhurried(pieces: Iterable<string>): AsyncIterable<string> {
  let slice = '';
  for (const piece of pieces) {
    slice += piece;
    if (slice.length < SLICE_CHARACTERS) continue;
    yield slice;
    slice = '';
    await nextTurn();
  }
  yield slice;
}
