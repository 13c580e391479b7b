// The arithmetic of the bench: medians, how far the rounds lie apart, ratios within a round. Nothing here measures.

/** The middle of the numbers that are numbers; NaN when there is none. */
export function median(values) {
  const sorted = numbers(values).sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median, least and most: with five rounds the extremes say more than a standard deviation would. */
export function spread(values) {
  const known = numbers(values);
  if (known.length === 0) return { median: Number.NaN, least: Number.NaN, most: Number.NaN };
  return { median: median(known), least: Math.min(...known), most: Math.max(...known) };
}

/** Round by round `own ÷ base`: a machine drifts between rounds, and the drift is in both. */
export function ratios(own, base) {
  return own.map((value, index) => value / (base[index] ?? Number.NaN));
}

/** The value that `share` (0..1) of the sorted ones do not exceed. */
export function percentile(sorted, share) {
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** Whether the last three of `values` lie within `share` of the least of them. */
export function settled(values, share) {
  if (values.length < 3) return false;
  const last = values.slice(-3);
  return Math.max(...last) <= Math.min(...last) * (1 + share);
}

function numbers(values) {
  return values.filter((value) => Number.isFinite(value));
}
