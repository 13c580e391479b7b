/** In which pieces an input arrives: at every byte once, and in two pieces with the cut in a few places. */
const EVERY_BYTE_UP_TO = 400;

export function cutsFor(length: number): number[][] {
  if (length < 2) return [];
  const step = length <= EVERY_BYTE_UP_TO ? 1 : 7;
  const every = Array.from({ length: Math.ceil(length / step) - 1 }, (_, i) => (i + 1) * step);
  return [every, [length >> 1], [length - 1]];
}
