/** Numbers for those who have none of their own: their place from `first` on, or the next free one, as HAProxy counts. */
export function freeIds(given: readonly (number | null)[], first = 1): number[] {
  const taken = new Set(given);
  let next = first;
  return given.map((id) => {
    if (id !== null) {
      next++;
      return id;
    }
    while (taken.has(next)) next++;
    return next++;
  });
}
