/** Cells of the stats page's tables: numbers as people read them, and what hides behind them until somebody points at it. */
import type { StatRow } from '../../admin/stat-rows.ts';
import { escapeHtml } from '../escape.ts';

export type Detail = readonly [label: string, value: string];

/** In groups of three; '' where there is none. */
export function number(row: StatRow, column: string): string {
  const value = row[column];
  return value === undefined ? '' : grouped(value);
}

function grouped(value: string | number): string {
  const text = String(value);
  if (!/^\d{4,}$/.test(text)) return escapeHtml(text);
  const first = text.length % 3 === 0 ? 3 : text.length % 3;
  const groups = [text.slice(0, first), ...(text.slice(first).match(/\d{3}/g) ?? [])];
  const last = groups.pop() ?? '';
  return groups.map((group) => `<span class="g">${group}</span>`).join('') + last;
}

/** `-`: no limit. */
export function limit(row: StatRow, column: string): string {
  const value = row[column];
  return value === undefined || value === 0 ? '-' : grouped(value);
}

export function text(row: StatRow, column: string): string {
  return escapeHtml(String(row[column] ?? ''));
}

export function details(shown: string, rows: readonly Detail[]): string {
  const lines = rows.map(([label, value]) => `<tr><th>${label}</th><td>${value}</td></tr>`);
  return `<span class="t" tabindex="0">${shown}<span class="tips"><table>${lines.join('')}</table></span></span>`;
}

/** A sentence instead of a table. `words` is HTML. */
export function note(shown: string, words: string): string {
  return words === '' ? shown : `<span class="t" tabindex="0">${shown}<span class="tips">${words}</span></span>`;
}

export function cell(html: string, attributes = ''): string {
  return `<td${attributes}>${html}</td>`;
}

/** `1d2h`, `5m3s`: two of its units. */
export function duration(value: string | number | undefined): string {
  const seconds = Number(value ?? 0);
  if (seconds < 0) return '?';
  const units: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [Math.floor(seconds) % 60, 's'],
  ];
  const from = units.findIndex(([count]) => count > 0);
  return (from < 0 ? units.slice(3) : units.slice(from, from + 2)).map(([count, unit]) => `${count}${unit}`).join('');
}
