/** Whether a line ends in what has arrived: a head that is not complete is scanned again only then. */

const LF = 10;

export function hasLineEnd(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === LF) return true;
  return false;
}
