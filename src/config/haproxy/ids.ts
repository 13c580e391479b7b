/** Numbers for those who have none of their own: the lowest free ones, in order, as HAProxy counts. */
export function freeIds(given: readonly (number | null)[]): number[] {
  const taken = new Set(given);
  let next = 1;
  return given.map((id) => {
    if (id !== null) return id;
    while (taken.has(next)) next++;
    return next++;
  });
}
