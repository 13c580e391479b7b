/**
 * Rows of the tables whose `apply` only reads one value and stores it under one name. A value that is not right was
 * reported and leaves the field as it was.
 */
import { type Draft, type Keyword, supported } from './keyword.ts';
import { readCommand } from './script-command.ts';
import { readInteger, readSeconds, readSwitch } from './values.ts';

/** Names of the fields of T that may hold a V. */
type FieldOf<T, V> = { [K in keyof T]: V extends T[K] ? K : never }[keyof T];

function store<T, V>(target: T, field: FieldOf<T, V>, value: V | null): void {
  if (value !== null) target[field] = value as T[FieldOf<T, V>] & V;
}

/** Present means on. */
export function flag<T extends Draft>(word: string, field: FieldOf<T, boolean>, note: string): Keyword<T> {
  return supported(word, '', note, (_s, target) => store<T, boolean>(target, field, true));
}

/** `WORD [BOOL]`. */
export function toggle<T extends Draft>(word: string, field: FieldOf<T, boolean>, note: string): Keyword<T> {
  return supported(word, '[bool]', note, (s, target) => store<T, boolean>(target, field, readSwitch(s, 1)));
}

export function text<T extends Draft>(
  word: string,
  usage: string,
  field: FieldOf<T, string>,
  note: string,
): Keyword<T> {
  return supported(word, usage, note, (s, target) => store<T, string>(target, field, s.text(1)));
}

export function integer<T extends Draft>(
  word: string,
  field: FieldOf<T, number>,
  range: readonly [least: number, most: number],
  note: string,
): Keyword<T> {
  return supported(word, '<number>', note, (s, target) =>
    store<T, number>(target, field, readInteger(s, 1, range[0], range[1])),
  );
}

/** Seconds with a fraction, kept in milliseconds. */
export function seconds<T extends Draft>(
  word: string,
  field: FieldOf<T, number>,
  range: readonly [leastS: number, mostS: number],
  note: string,
): Keyword<T> {
  return supported(word, '<seconds>', note, (s, target) =>
    store<T, number>(target, field, readSeconds(s, 1, range[0], range[1])),
  );
}

/** Whole seconds, kept in milliseconds. */
export function wholeSeconds<T extends Draft>(
  word: string,
  field: FieldOf<T, number>,
  range: readonly [leastS: number, mostS: number],
  note: string,
): Keyword<T> {
  return supported(word, '<seconds>', note, (s, target) => {
    const value = readInteger(s, 1, range[0], range[1]);
    store<T, number>(target, field, value === null ? null : value * 1000);
  });
}

/** A command in quotes, then user and group. */
export function command<T extends Draft>(
  word: string,
  field: FieldOf<T, ReturnType<typeof readCommand> & object>,
  note: string,
): Keyword<T> {
  return supported(word, '<command> ...', note, (s, target) =>
    store<T, ReturnType<typeof readCommand> & object>(target, field, readCommand(s, true)),
  );
}
