/**
 * What changed between two JSON values, as a JSON value that is as small as the change; and putting it in again. Runs on both
 * ends of the event stream: in the control process, and in the browser.
 *
 *   { a: 1, b: [1, 2], c: 'x' }  ─▶  { a: 1, b: [1, 3], c: 'x' }  is  { b: { 1: [3] } }
 *
 * A patch is `[value]`: take this instead; or an object: go down by these keys; or undefined: nothing changed. A list that has
 * become longer or shorter, and an object that has lost a key, is taken anew.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Patch = readonly [Json] | { readonly [key: string]: Patch };

type Keyed = Readonly<Record<string, unknown>>;

/** `before` and `after` are plain data, as JSON has it. */
export function difference(before: unknown, after: unknown): Patch | undefined {
  if (Object.is(before, after)) return undefined;
  if (!isBranch(before) || !isBranch(after) || !hasItsPlaces(before, after)) return [after as Json];
  let found: Record<string, Patch> | undefined;
  for (const key of Object.keys(after)) {
    const below = key in before ? difference(before[key], after[key]) : ([after[key] as Json] as const);
    if (below === undefined) continue;
    found ??= {};
    found[key] = below;
  }
  return found;
}

/** A new value where something changed; what did not is shared with the one before. */
export function patched(before: unknown, patch: Patch): unknown {
  if (isReplacement(patch)) return patch[0];
  const after = (Array.isArray(before) ? [...before] : { ...(before as Keyed) }) as Record<string, unknown>;
  for (const [key, below] of Object.entries(patch)) after[key] = patched(after[key], below);
  return after;
}

function isReplacement(patch: Patch): patch is readonly [Json] {
  return Array.isArray(patch);
}

function isBranch(value: unknown): value is Keyed {
  return typeof value === 'object' && value !== null;
}

/** What is to be kept has the same places to be at. */
function hasItsPlaces(before: Keyed, after: Keyed): boolean {
  if (Array.isArray(before) || Array.isArray(after)) {
    return Array.isArray(before) && Array.isArray(after) && before.length === after.length;
  }
  for (const key of Object.keys(before)) if (!(key in after)) return false;
  return true;
}
