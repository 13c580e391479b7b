/**
 * What a reference reader says of a message. The readers in this folder know the RFCs and what the documents of this project
 * promise, and are written with regular expressions over whole texts: slow, short, and nothing like src/http1.
 */
export type Field = readonly [name: string, value: string];

export interface Violation {
  /** Statuses with which it may be answered. */
  readonly statuses: readonly number[];
  readonly rule: string;
}

/** -1 in `length`: none announced. */
export interface HeadMeaning {
  readonly startLine: string;
  /** As they leave the proxy. */
  readonly fields: readonly Field[];
  readonly minor: 0 | 1;
  readonly length: number;
  readonly chunked: boolean;
  readonly upgrade: boolean;
  /** Offset of the byte after the head. */
  readonly end: number;
}

export type Reading =
  | { readonly verdict: 'partial' }
  | { readonly verdict: 'refused'; readonly violations: readonly Violation[] }
  | { readonly verdict: 'accepted'; readonly meaning: HeadMeaning };

export const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const FIELD_LINE = new RegExp(`^(${TOKEN}):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*)$`);
const SURROUNDING_BLANKS = /^[ \t]+|[ \t]+$/g;

export const trimmed = (text: string): string => text.replace(SURROUNDING_BLANKS, '');

/** null: not a field line. */
export function fieldOf(line: string): Field | null {
  const match = FIELD_LINE.exec(line);
  return match === null ? null : [match[1] ?? '', trimmed(match[2] ?? '')];
}

export const valuesOf = (fields: readonly Field[], name: string): string[] =>
  fields.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value);

export const membersOf = (value: string): string[] => value.split(',').map(trimmed);

/** Content-Length of all lines: the number, -1 without any, null if there is no one reading. */
export function lengthOf(fields: readonly Field[]): number | null {
  const values = valuesOf(fields, 'content-length');
  if (values.length === 0) return -1;
  const members = values.flatMap(membersOf);
  const [first = ''] = members;
  if (!/^\d+$/.test(first) || members.some((member) => member !== first)) return null;
  return BigInt(first) > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(first);
}

/** Whether chunked frames the body; null if Transfer-Encoding says anything else. */
export function codingOf(fields: readonly Field[]): boolean | null {
  const values = valuesOf(fields, 'transfer-encoding');
  if (values.length === 0) return false;
  return values.length === 1 && /^chunked$/i.test(values[0] ?? '') ? true : null;
}

/** Options that are about the connection and name no field. */
const OPTIONS = ['close', 'keep-alive', 'upgrade', 'te'];

/** Fields for everybody, which Connection cannot take away (RFC 9110 7.6.1). */
export const FOR_ALL = (
  'host content-length transfer-encoding te upgrade expect cookie set-cookie cache-control date x-forwarded-for ' +
  'authorization content-encoding content-range content-type forwarded location origin range referer vary via ' +
  'x-forwarded-host x-forwarded-port x-forwarded-proto x-real-ip'
).split(' ');

export function connectionOptions(fields: readonly Field[]): string[] {
  return valuesOf(fields, 'connection')
    .flatMap(membersOf)
    .map((option) => option.toLowerCase())
    .filter((option) => option !== '');
}

/** The fields without those for this hop alone, with framing in its plain form; Upgrade and Expect are left to the caller. */
export function withoutHopByHop(fields: readonly Field[]): Field[] {
  const nominated = connectionOptions(fields).filter(
    (option) => !OPTIONS.includes(option) && !FOR_ALL.includes(option),
  );
  let lengths = 0;
  return fields.flatMap(([name, value]): Field[] => {
    const lower = name.toLowerCase();
    if (['connection', 'keep-alive', 'proxy-connection'].includes(lower) || nominated.includes(lower)) return [];
    switch (lower) {
      case 'te':
        return /^trailers$/i.test(value) ? [[name, value]] : [];
      case 'content-length':
        return lengths++ === 0 ? [[name, (membersOf(value)[0] ?? '').replace(/^0+(?=\d)/, '')]] : [];
      case 'transfer-encoding':
        return [[name, value.toLowerCase()]];
      default:
        return [[name, value]];
    }
  });
}

/** Upgrade with what may be passed on of it: never h2c (RFC 9113 3.1 has taken it out), and not at all unless `allowed`. */
export function settledUpgrade(fields: readonly Field[], allowed: boolean): Field[] {
  if (valuesOf(fields, 'upgrade').length === 0) return [...fields];
  return fields.flatMap(([name, value]): Field[] => {
    const lower = name.toLowerCase();
    if (lower === 'http2-settings') return [];
    if (lower !== 'upgrade') return [[name, value]];
    const offered = membersOf(value).filter((one) => one !== '' && !/^h2c?$/i.test(one));
    return allowed && offered.length > 0 ? [[name, offered.join(',')]] : [];
  });
}
