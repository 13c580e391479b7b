/** Any name as a part of a table's name in nftables, which takes letters, digits and underscores; no two become the same. */
export function nftName(name: string): string {
  return [...name].map((c) => (/[A-Za-z0-9]/.test(c) ? c : `_${c.codePointAt(0)}_`)).join('');
}
