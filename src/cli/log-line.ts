/**
 * A line of a log, read: HAProxy's httplog and tcplog (with or without what syslog puts before them), our JSON lines, and what
 * control says in its journal. null: it is none of these. Each line is gone through once, whatever is in it.
 */

export interface TrafficEntry {
  readonly kind: 'http' | 'tcp';
  /** As it was written, or local time. */
  readonly time: string;
  readonly client: string;
  readonly frontend: string;
  readonly backend: string;
  readonly server: string;
  /** null: in TCP mode, or none was sent. */
  readonly status: number | null;
  readonly bytes: number;
  /** null: nobody knows. */
  readonly totalMs: number | null;
  readonly termination: string;
  /** `GET /index.html HTTP/1.1`; empty in TCP mode. */
  readonly request: string;
}

export interface SaidEntry {
  readonly kind: 'said';
  readonly time: string;
  readonly level: 'notice' | 'warning' | 'alert';
  readonly text: string;
}

export type LogEntry = TrafficEntry | SaidEntry;

const DATE = /\[(\d\d\/[A-Z][a-z][a-z]\/\d{4}:(\d\d:\d\d:\d\d\.\d{3}))\] /;
const NUMBER = /^[+-]?\d{1,15}$/;

export function readLogLine(line: string): LogEntry | null {
  const brace = line.indexOf('{"');
  if (brace >= 0 && line.trimEnd().endsWith('}')) {
    const entry = readJson(line.slice(brace));
    if (entry !== null) return entry;
  }
  return readTraffic(line) ?? readSaid(line);
}

function readTraffic(line: string): TrafficEntry | null {
  const date = DATE.exec(line);
  if (date === null) return null;
  const client = line.slice(0, date.index).trimEnd().split(' ').at(-1) ?? '';
  const colon = client.lastIndexOf(':');
  const rest = line.slice(date.index + date[0].length);
  const words = rest.split(' ', 10);
  const [frontend = '', path = '', timers = '', third = '', fourth = ''] = words;
  const slash = path.indexOf('/');
  if (colon < 0 || slash < 0) return null;
  const common = {
    time: date[2] ?? '',
    client: client.slice(0, colon),
    frontend: frontend.replace(/~$/, ''),
    backend: path.slice(0, slash),
    server: path.slice(slash + 1),
  };
  const times = numbers(timers);
  if (times?.length === 5) {
    const counts = numbers(words[8] ?? '');
    const quote = rest.indexOf(' "');
    const bytes = number(fourth);
    const status = number(third);
    if (counts?.length !== 5 || quote < 0 || bytes === null || status === null) return null;
    return {
      ...common,
      kind: 'http',
      status: status < 0 ? null : status,
      bytes,
      totalMs: times[4] ?? null,
      termination: words[7] ?? '',
      request: rest.slice(quote + 2).replace(/"\s*$/, ''),
    };
  }
  if (times?.length !== 3 || numbers(words[5] ?? '')?.length !== 5) return null;
  const bytes = number(third);
  if (bytes === null) return null;
  return { ...common, kind: 'tcp', status: null, bytes, totalMs: times[2] ?? null, termination: fourth, request: '' };
}

/** `10/0/30/69/109`; null: it is something else. */
function numbers(text: string): readonly number[] | null {
  const values = text.split('/', 6).map(number);
  return values.some((value) => value === null) ? null : values.map((value) => value ?? 0);
}

function number(text: string): number | null {
  return NUMBER.test(text) ? Number(text) : null;
}

type Json = Readonly<Record<string, unknown>>;

function readJson(text: string): LogEntry | null {
  const value = parsed(text);
  if (value === null) return null;
  const { time, level, msg } = value;
  if (typeof time !== 'number' || typeof msg !== 'string') return null;
  const at = clock(time);
  if (typeof value['termination'] !== 'string') {
    const loud = typeof level === 'number' ? level : 30;
    return { kind: 'said', time: at, level: loud >= 50 ? 'alert' : loud >= 40 ? 'warning' : 'notice', text: msg };
  }
  const req = object(value['req']);
  const res = object(value['res']);
  const url = stringOf(req['url']);
  return {
    kind: url === '' ? 'tcp' : 'http',
    time: at,
    client: stringOf(req['remoteAddress']) || stringOf(value['remoteAddress']),
    frontend: stringOf(value['frontend']),
    backend: stringOf(value['backend']),
    server: stringOf(value['server']),
    status: amount(res['statusCode']),
    bytes: amount(res['bytes']) ?? amount(value['bytes']) ?? 0,
    totalMs: amount(value['responseTime']),
    termination: value['termination'],
    request: url === '' ? '' : `${stringOf(req['method'])} ${url} ${stringOf(req['version'])}`,
  };
}

function parsed(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Json) : null;
  } catch {
    return null;
  }
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function amount(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function clock(wallMs: number): string {
  const at = new Date(wallMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}

const LABELS: readonly (readonly [RegExp, SaidEntry['level']])[] = [
  [/^\[NOTICE\] +\(\d+\) : /, 'notice'],
  [/^\[WARNING\] +\(\d+\) : /, 'warning'],
  [/^\[ALERT\] +\(\d+\) : /, 'alert'],
  [/^warning: /, 'warning'],
  [/^error: /, 'alert'],
];

function readSaid(line: string): SaidEntry | null {
  for (const [label, level] of LABELS) {
    const match = label.exec(line);
    if (match !== null) return { kind: 'said', time: '', level, text: line.slice(match[0].length) };
  }
  return null;
}
