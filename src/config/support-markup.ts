/**
 * What the support documents of both syntaxes are made of: cells, and lists of words that share a note. Not here: what each
 * says (haproxy/support-document.ts, keepalived/support-document.ts).
 */

/** Rows that only differ in their word share one line with their note. */
export function renderList(
  heading: string,
  rows: readonly { readonly word: string; readonly note: string }[],
): string[] {
  const byNote = new Map<string, string[]>();
  for (const { word, note } of rows) byNote.set(note, [...(byNote.get(note) ?? []), code(word)]);
  const lines = [...byNote].map(([note, words]) => `- ${words.join(', ')}: ${note}.`);
  return lines.length === 0 ? [] : [`${heading}:`, '', ...lines, ''];
}

export function code(text: string): string {
  return `\`${cell(text)}\``;
}

/** A bar would end the cell of a table, even inside of code. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
