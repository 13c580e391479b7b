/** Numbers for those who have none of their own: the lowest free ones from `first`, in order, as HAProxy counts. */
export function freeIds(given: readonly (number | null)[], first = 1): number[] {
  const taken = new Set(given);
  let next = first;
  return given.map((id) => {
    if (id !== null) return id;
    while (taken.has(next)) next++;
    return next++;
  });
}
