/** Whether two pieces of a model mean the same, wherever in the file they are written. */
export function sameMeaning(a: unknown, b: unknown): boolean {
  return meaning(a) === meaning(b);
}

function meaning(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => (key === 'origin' ? undefined : inner));
}
