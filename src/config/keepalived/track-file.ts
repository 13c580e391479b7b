/** `track_file NAME { … }`, also as `vrrp_track_file`. */
import type { TrackedFile } from '../pair-model.ts';
import { type Draft, keywordTable, supported } from './keyword.ts';
import type { Statement } from './statement.ts';
import { readInteger } from './values.ts';

type Values = { -readonly [K in keyof TrackedFile]: TrackedFile[K] };

export interface FileDraft extends Draft {
  readonly value: Values;
}

export function newFileDraft(statement: Statement): FileDraft {
  const value: Values = {
    origin: statement.origin,
    name: statement.text(1),
    path: '',
    weight: 1,
    reverse: false,
    initial: null,
  };
  return { statement, said: new Map(), value };
}

export const FILE_KEYWORDS = keywordTable<FileDraft>('track_file', 'in track_file', [
  supported('file', '<path>', 'holds a number', (s, { value }) => {
    value.path = s.text(1);
  }),
  supported('weight', '<number> [reverse]', 'default 1; the number in the file is multiplied by it', readWeight),
  supported('init_file', '[value] [overwrite]', 'is written at the start if it is not there', readInitial),
]);

function readWeight(s: Statement, { value }: FileDraft): void {
  const weight = readInteger(s, 1, -254, 254);
  if (s.has(2) && s.text(2) !== 'reverse') {
    s.error(2, 'unknown-keyword', `unknown word '${s.text(2)}'`, "behind the weight comes 'reverse' or nothing");
  } else if (weight !== null) {
    value.weight = weight;
    value.reverse = s.has(2);
  }
}

function readInitial(s: Statement, { value: file }: FileDraft): void {
  let value = 0;
  let overwrite = false;
  for (const at of [1, 2]) {
    if (!s.has(at)) break;
    if (s.text(at) === 'overwrite') overwrite = true;
    else {
      const number = readInteger(s, at, -2_147_483_648, 2_147_483_647);
      if (number === null) return;
      value = number;
    }
  }
  file.initial = { value, overwrite };
}

/** null: reported. */
export function finishFile({ statement, value }: FileDraft): TrackedFile | null {
  if (value.path !== '') return { ...value };
  statement.error(0, 'missing-keyword', `track_file '${value.name}' names no file`, 'file PATH');
  return null;
}
