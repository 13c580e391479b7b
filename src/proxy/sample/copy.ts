/** Copying short ranges: Buffer.copy makes a view of a part first, which is an object. */

/** bytes[start, end) to `into` at `at`, as far as there is room; where it ended. */
export function copyRange(bytes: Uint8Array, start: number, end: number, into: Uint8Array, at: number): number {
  const length = Math.max(0, Math.min(end - start, into.length - at));
  for (let i = 0; i < length; i++) into[at + i] = bytes[start + i] as number;
  return at + length;
}
