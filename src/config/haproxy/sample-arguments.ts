/**
 * Arguments of fetches and converters: `(a,"b,c",3)` by the signature that HAProxy's own list shows, `string[,integer]`.
 *
 * Quotes and backslashes work inside, on top of those of the line: `"` and `'` quote, `\` takes the next of `\ "'` as it is
 * and knows r, n, t. Not here: what a keyword makes of its arguments (sample-checks.ts).
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { SampleArgument } from '../sample-model.ts';
import { ARGUMENT_ESCAPES } from './conditions.ts';

export class SampleSyntaxError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** What stands behind the keyword: the arguments, and where the text goes on. */
export interface ReadArguments {
  readonly values: SampleArgument[];
  readonly end: number;
}

interface Signature {
  readonly kinds: readonly string[];
  /** How many of them have to be there. */
  readonly least: number;
}

const SIGNATURES = new Map<string, Signature>();

/** `backend`, `string[,integer]`, `[string,integer]`. */
export function signatureOf(usage: string): Signature {
  const known = SIGNATURES.get(usage);
  if (known !== undefined) return known;
  const [required = '', optional = ''] = usage.split('[');
  const list = (text: string) =>
    text
      .replace(']', '')
      .split(',')
      .filter((kind) => kind !== '');
  const signature = { kinds: [...list(required), ...list(optional)], least: list(required).length };
  SIGNATURES.set(usage, signature);
  return signature;
}

const LARGEST = 2n ** 63n - 1n;
const SMALLEST = -(2n ** 63n);

/** Like C's strtoll without its blanks: a sign and digits, nothing behind them; null: it is no number. */
export function readInteger(text: string): number | string | null {
  if (!/^[-+]?\d+$/.test(text)) return null;
  const exact = BigInt(text.replace('+', ''));
  const value = exact > LARGEST ? LARGEST : exact < SMALLEST ? SMALLEST : exact;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

export function readArguments(text: string, start: number, usage: string): ReadArguments {
  const { kinds, least } = signatureOf(usage);
  const open = text[start] === '(';
  const values: SampleArgument[] = [];
  let at = open ? start + 1 : start;
  let more = kinds.length > 0 && (open || least > 0);
  while (more) {
    const word = open ? unquote(text, at, kinds[values.length] ?? '', values.length + 1) : { value: '', end: at };
    at = word.end;
    const value = argumentOf(word.value, kinds[values.length] ?? '', values.length + 1, least);
    if (value === null) break;
    values.push(value);
    more = open && text[at] === ',' && values.length < kinds.length;
    if (more) at++;
  }
  if (values.length < least) {
    const kind = kinds[values.length] ?? '';
    throw new SampleSyntaxError(`missing arguments (got ${values.length}/${least}), type '${kind}' expected`);
  }
  if (!open) return { values, end: at };
  if (text[at] === ')') return { values, end: at + 1 };
  const rest = text.slice(at);
  throw new SampleSyntaxError(rest === '' ? "expected ')'" : `expected ')' before '${rest}'`);
}

/** Up to the comma or parenthesis that ends it. */
function unquote(text: string, start: number, kind: string, position: number): { value: string; end: number } {
  let value = '';
  let quote = '';
  let at = start;
  for (; at < text.length; at++) {
    const c = text[at] as string;
    if (c === '"' || c === "'") {
      if (quote === '' || quote === c) quote = quote === '' ? c : '';
      else value += c;
    } else if (c === '\\' && quote !== "'") {
      const next = text[at + 1];
      if (next === undefined) {
        throw new SampleSyntaxError(
          `failed to parse '\\' after '${value}' as type '${kind}' at position ${position}`,
          'write \\\\ for a backslash',
        );
      }
      const escaped = ARGUMENT_ESCAPES[next];
      value += escaped ?? c;
      if (escaped !== undefined) at++;
    } else if (quote === '' && (c === ',' || c === ')')) break;
    else value += c;
  }
  return { value, end: at };
}

/** null: there is nothing, and nothing is needed. */
function argumentOf(text: string, kind: string, position: number, least: number): SampleArgument | null {
  switch (kind) {
    case 'string':
    case 'regex':
      return { kind: 'text', value: text };
    case 'frontend':
    case 'backend':
    case 'server':
      return { kind, name: text };
  }
  if (text === '') {
    if (position > least) return null;
    throw new SampleSyntaxError(`expected type '${kind}' at position ${position}, but got nothing`);
  }
  const value = typedValue(text, kind);
  if (value !== null) return value;
  throw new SampleSyntaxError(`failed to parse '${text}' as type '${kind}' at position ${position}`);
}

function typedValue(text: string, kind: string): SampleArgument | null {
  switch (kind) {
    case 'integer': {
      const value = readInteger(text);
      return value === null ? null : { kind: 'integer', value };
    }
    case 'IPv4 address':
      return isIPv4(text) ? { kind: 'address', value: text } : null;
    case 'IPv6 address':
      return isIPv6(text) && !text.includes('%') ? { kind: 'address', value: text } : null;
    case 'IPv4 mask':
      return maskOf(text, text.includes('.') ? isIPv4(text) : null, 32);
    case 'IPv6 mask':
      return maskOf(text, text.includes(':') ? isIPv6(text) && !text.includes('%') : null, 128);
    default:
      return null;
  }
}

/** An address, or a number of bits. */
function maskOf(text: string, isAddress: boolean | null, width: number): SampleArgument | null {
  if (isAddress !== null) return isAddress ? { kind: 'address', value: text } : null;
  if (!/^\s*\+?\d+$/.test(text) || Number(text) > width) return null;
  return { kind: 'address', value: width === 32 ? mask4(Number(text)) : mask6(Number(text)) };
}

function mask4(bits: number): string {
  return Array.from({ length: 4 }, (_, i) => 256 - 2 ** (8 - bitsOf(bits - 8 * i, 8))).join('.');
}

function mask6(bits: number): string {
  return Array.from({ length: 8 }, (_, i) => (65536 - 2 ** (16 - bitsOf(bits - 16 * i, 16))).toString(16)).join(':');
}

function bitsOf(bits: number, most: number): number {
  return Math.max(0, Math.min(most, bits));
}
