/** Results of a tracked thing, counted: up after `rise` good ones in a row, down after `fall` bad ones. Pure. */
export interface Counted {
  readonly up: boolean;
  /** How many in a row speak against `up`. */
  readonly against: number;
}

export function count(before: Counted, good: boolean, rise: number, fall: number): Counted {
  if (good === before.up) return { up: before.up, against: 0 };
  const against = before.against + 1;
  const enough = against >= (good ? rise : fall);
  return enough ? { up: good, against: 0 } : { up: before.up, against };
}
