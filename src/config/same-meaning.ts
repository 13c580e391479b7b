/** Whether two pieces of a model mean the same, wherever in the file they are written. Plain data: values, lists, objects. */
export function sameMeaning(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, i) => sameMeaning(one, b[i]));
  for (const key in a) if (key !== 'origin' && !sameMeaning(a[key], b[key])) return false;
  // What is not there is the same as what is undefined.
  for (const key in b) if (key !== 'origin' && b[key] !== undefined && a[key] === undefined) return false;
  return true;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
