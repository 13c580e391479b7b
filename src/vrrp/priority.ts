/** From what is tracked to a fault or an effective priority, as keepalived counts. Pure. */

export interface TrackResult {
  /** What is tracked, for messages: `script chk_http`. */
  readonly name: string;
  readonly ok: boolean;
  /** 0: its failure is a fault. Positive: added while fine. Negative: added (subtracted) while not. */
  readonly weight: number;
}

/** For files: the value times the weight; from -254 down it is a fault. */
export interface TrackedValue {
  readonly name: string;
  readonly value: number;
  readonly weight: number;
}

export interface Standing {
  /** What makes it a fault, empty: none. */
  readonly faults: readonly string[];
  readonly priority: number;
  /** The sum, before it is cut to what an advert may say. */
  readonly total: number;
}

const OWNER = 255;
const LOWEST = 1;
const HIGHEST = 254;
const FAULT_SUM = -254;

export function standingOf(
  base: number,
  results: readonly TrackResult[],
  values: readonly TrackedValue[] = [],
): Standing {
  const faults: string[] = [];
  let sum = 0;
  for (const { name, ok, weight } of results) {
    if (weight === 0) {
      if (!ok) faults.push(name);
    } else if (weight > 0 ? ok : !ok) sum += weight;
  }
  for (const { name, value, weight } of values) {
    const change = value * weight;
    if (weight === 0 ? value !== 0 : change <= FAULT_SUM) faults.push(name);
    else sum += change;
  }
  // The owner of the addresses is the owner, however it feels (5798 5.2.4).
  const priority = base === OWNER ? OWNER : Math.min(Math.max(base + sum, LOWEST), HIGHEST);
  return { faults, priority, total: base + sum };
}
