/** From what is tracked to a fault or an effective priority, as keepalived counts. Pure. */

export interface TrackResult {
  /** What is wrong when it is not, for messages: `script chk_http failed`. */
  readonly name: string;
  /** What is tracked, by its keyword: `track_script chk_http`. Not there: `name` says it. */
  readonly what?: string;
  readonly ok: boolean;
  /** 0: its failure is a fault. Positive: added while fine. Negative: added (subtracted) while not. */
  readonly weight: number;
}

/** For files: the value times the weight; from -254 down it is a fault. */
export interface TrackedValue {
  readonly name: string;
  readonly what?: string;
  readonly value: number;
  readonly weight: number;
}

/** `track_script chk_http failed`, -20. */
export interface PriorityReason {
  readonly what: string;
  /** What is added for it; 0: what it would add is missing. */
  readonly weight: number;
}

export interface Standing {
  /** What makes it a fault, empty: none. */
  readonly faults: readonly string[];
  readonly priority: number;
  /** The sum, before it is cut to what an advert may say. */
  readonly total: number;
  /** Configured priority and these weights make the effective one. */
  readonly reasons: readonly PriorityReason[];
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
  const reasons: PriorityReason[] = [];
  let sum = 0;
  for (const { name, what = name, ok, weight } of results) {
    if (weight === 0) {
      if (!ok) faults.push(name);
      continue;
    }
    const counts = weight > 0 ? ok : !ok;
    if (counts) sum += weight;
    if (counts || !ok) reasons.push({ what: ok ? what : `${what} failed`, weight: counts ? weight : 0 });
  }
  for (const { name, what = name, value, weight } of values) {
    const change = value * weight;
    if (weight === 0 ? value !== 0 : change <= FAULT_SUM) faults.push(name);
    else {
      sum += change;
      if (change !== 0) reasons.push({ what: `${what} says ${value}`, weight: change });
    }
  }
  // The owner of the addresses is the owner, however it feels (5798 5.2.4).
  const priority = base === OWNER ? OWNER : Math.min(Math.max(base + sum, LOWEST), HIGHEST);
  const cut = priority - (base + sum);
  if (cut !== 0) {
    const what = base === OWNER ? 'the owner of the addresses' : `priorities are ${LOWEST} to ${HIGHEST}`;
    reasons.push({ what, weight: cut });
  }
  return { faults, priority, total: base + sum, reasons };
}
