/** Two readings of one message compared: what is not the same, in words. */
import type { Field } from '../reference/reading.ts';

const normal = (fields: readonly Field[]): string => fields.map(([name, value]) => `${name}: ${value}`).join('\n');

/** Fields are equal with their letters, their order and their number. */
export function fieldsDiffer(ours: readonly Field[], theirs: readonly Field[]): string | null {
  const [a, b] = [normal(ours), normal(theirs)];
  return a === b ? null : `\n${a}\n--- the other reader has ---\n${b}`;
}

/** Start line and fields of a head that is canonical; anything else is a fault by itself. */
export function readCanonical(head: string, isRequest: boolean): { startLine: string; fields: Field[] } | string {
  if (!head.endsWith('\r\n\r\n')) return 'no blank line at its end';
  const [startLine = '', ...lines] = head.slice(0, -4).split('\r\n');
  const shape = isRequest
    ? /^[\w!#$%&'*+.^`|~-]+ [\x21\x22\x24-\x7e]+ HTTP\/1\.[01]$/
    : /^HTTP\/1\.[01] [1-9]\d\d [\t\x20-\x7e\x80-\xff]*$/;
  if (!shape.test(startLine)) return `start line ${JSON.stringify(startLine)}`;
  const fields: Field[] = [];
  for (const line of lines) {
    const match = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/.exec(line);
    if (match === null) return `field line ${JSON.stringify(line)}`;
    fields.push([match[1] ?? '', match[2] ?? '']);
  }
  return { startLine, fields };
}
