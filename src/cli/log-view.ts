/** What `tandem logs` shows of a line, and which it leaves out. Pure. */
import { shortBytes } from '../admin/human-text.ts';
import { harmless, type Paint, piece, renderLine, type Style, type TextLine } from '../admin/text-line.ts';
import { type LogEntry, readLogLine, type TrafficEntry } from './log-line.ts';

export interface LogFilter {
  /** Ranges of status codes; empty: all. */
  readonly statuses: readonly (readonly [number, number])[];
  readonly backend: string | null;
  /** What took at least so long. */
  readonly slowMs: number | null;
}

/** `5xx`, `404`, `200-299`, several with commas; null: it is none of that. */
export function readStatuses(text: string): LogFilter['statuses'] | null {
  const ranges: (readonly [number, number])[] = [];
  for (const word of text.split(',')) {
    const [, digit, first, last] = /^(?:([1-5])xx|(\d{3})(?:-(\d{3}))?)$/i.exec(word) ?? [];
    if (digit !== undefined) ranges.push([Number(digit) * 100, Number(digit) * 100 + 99]);
    else if (first !== undefined) ranges.push([Number(first), Number(last ?? first)]);
    else return null;
  }
  return ranges;
}

/** `250`, `250ms`, `1.5s`; null: it is no time. */
export function readMilliseconds(text: string): number | null {
  const [, value, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s)?$/.exec(text) ?? [];
  return value === undefined ? null : Number(value) * (unit === 's' ? 1000 : 1);
}

function isWanted(entry: LogEntry | null, { statuses, backend, slowMs }: LogFilter): boolean {
  if (statuses.length === 0 && backend === null && slowMs === null) return true;
  if (entry === null || entry.kind === 'said') return false;
  const { status, totalMs } = entry;
  if (statuses.length > 0 && !statuses.some(([from, to]) => status !== null && status >= from && status <= to)) {
    return false;
  }
  return (backend === null || entry.backend === backend) && (slowMs === null || (totalMs ?? 0) >= slowMs);
}

/** null: it is left out. What is no line of ours is shown as it is. */
export function shownLogLine(line: string, filter: LogFilter, width: number, paint: Paint): string | null {
  const entry = readLogLine(line);
  if (!isWanted(entry, filter)) return null;
  if (entry === null) return line.split('\t').map(harmless).join('\t');
  return renderLine(pieces(entry), width, paint).trimEnd();
}

function pieces(entry: LogEntry): TextLine {
  if (entry.kind === 'said') {
    const { time, level, text } = entry;
    const style: Style = level === 'notice' ? 'plain' : level === 'warning' ? 'warn' : 'bad';
    return [piece(time === '' ? '' : `${time}  `, 'dim'), piece(text, style)];
  }
  return trafficPieces(entry);
}

function trafficPieces(entry: TrafficEntry): TextLine {
  const { time, status, totalMs, request, backend, server, client, bytes, termination, frontend, kind } = entry;
  const calm = /^-+$/.test(termination);
  return [
    piece(`${time}  `, 'dim'),
    piece(kind === 'tcp' ? 'tcp' : String(status ?? '---').padStart(3), statusStyle(status, calm)),
    piece(`${totalMs === null ? '-' : totalMs} ms  `.padStart(12), 'dim'),
    piece(request === '' ? frontend : request.replace(/ HTTP\/1\.1$/, '')),
    piece(`  ${backend}/${server}`, 'head'),
    piece(`  ${client}  ${shortBytes(bytes)}`, 'dim'),
    piece(calm ? '' : `  ${termination}`, 'warn'),
  ];
}

function statusStyle(status: number | null, calm: boolean): Style {
  if (status === null) return calm ? 'plain' : 'warn';
  if (status >= 500) return 'bad';
  if (status >= 400) return 'warn';
  return status >= 200 && status < 300 ? 'good' : 'plain';
}
