/**
 * What single fetches and converters say to their arguments, beyond their types; some become another form that the data path
 * has less work with. A complaint is thrown in HAProxy's words.
 */
import { pcreExpression } from '../../core/pcre.ts';
import type { SampleArgument } from '../sample-model.ts';
import { readInteger, SampleSyntaxError } from './sample-arguments.ts';

/** Changes the list in place. */
export type SampleCheck = (values: SampleArgument[]) => void;

/** HAProxy remembers so many occurrences of a field. */
const MOST_OCCURRENCES = 10;

function textAt(values: readonly SampleArgument[], at: number): string | null {
  const value = values[at];
  return value?.kind === 'text' ? value.value : null;
}

function integerAt(values: readonly SampleArgument[], at: number): number | null {
  const value = values[at];
  return value?.kind === 'integer' ? Number(value.value) : null;
}

export function fieldOccurrence(values: SampleArgument[]): void {
  if ((integerAt(values, 1) ?? 0) < -MOST_OCCURRENCES) {
    throw new SampleSyntaxError(`header occurrence must be >= ${-MOST_OCCURRENCES}`);
  }
}

export function dateUnit(values: SampleArgument[]): void {
  const unit = textAt(values, 1);
  if (unit === null || ['s', 'ms', 'us'].includes(unit)) return;
  throw new SampleSyntaxError(`expects 's', 'ms' or 'us', got '${unit}'`);
}

export function uuidVersion(values: SampleArgument[]): void {
  const version = integerAt(values, 0) ?? 4;
  if (version !== 4) throw new SampleSyntaxError(`Unsupported UUID version: '${version}'`);
}

export function booleanText(values: SampleArgument[]): void {
  const text = (textAt(values, 0) ?? '').toLowerCase();
  if (text === 'true' || text === '1') values[0] = { kind: 'integer', value: 1 };
  else if (text === 'false' || text === '0') values[0] = { kind: 'integer', value: 0 };
  else throw new SampleSyntaxError("Expects 'true', 'false', '0' or '1'");
}

export function binaryText(values: SampleArgument[]): void {
  const text = textAt(values, 0) ?? '';
  if (text.length % 2 !== 0) throw new SampleSyntaxError('an even number of hex digit is expected');
  if (!/^[0-9a-fA-F]*$/.test(text)) throw new SampleSyntaxError(`'${text}': hex digits expected`);
}

export function methodText(values: SampleArgument[]): void {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]*$/.test(textAt(values, 0) ?? '')) {
    throw new SampleSyntaxError('expects valid method.');
  }
}

/** `add(5)`; HAProxy also takes the name of a variable. */
export function operand(values: SampleArgument[]): void {
  const text = textAt(values, 0) ?? '';
  if (/^(proc|sess|txn|req|res|check)\.\w/.test(text)) {
    throw new SampleSyntaxError(`'${text}': variables are not supported yet`, 'a number');
  }
  const value = text === '' ? 0 : readInteger(text);
  if (value === null) throw new SampleSyntaxError('expects an integer or a variable name');
  values[0] = { kind: 'integer', value };
}

export function partOfText(values: SampleArgument[]): void {
  if (integerAt(values, 0) === 0) throw new SampleSyntaxError('Unexpected value 0 for index');
  if (textAt(values, 1) === '') throw new SampleSyntaxError('Empty separators list');
}

export function jsonInput(values: SampleArgument[]): void {
  const text = textAt(values, 0) ?? '';
  if (['', 'ascii', 'utf8', 'utf8s', 'utf8p', 'utf8ps'].includes(text)) return;
  throw new SampleSyntaxError(
    "Unexpected input code type. Allowed value are 'ascii', 'utf8', 'utf8s', 'utf8p' and 'utf8ps'",
  );
}

export function queryEncoding(values: SampleArgument[]): void {
  if (['', 'query'].includes(textAt(values, 0) ?? '')) return;
  throw new SampleSyntaxError("Unexpected encode type. Allowed value is 'query'");
}

export function substitution(values: SampleArgument[]): void {
  const flag = /[^ig]/.exec(textAt(values, 2) ?? '')?.[0];
  if (flag !== undefined) {
    throw new SampleSyntaxError(`invalid regex flag '${flag}', only 'i' and 'g' are supported`);
  }
  const text = textAt(values, 0) ?? '';
  const wrong = wrongRegex(text);
  if (wrong !== null) throw new SampleSyntaxError(`regex '${text}' is invalid: ${wrong}`);
}

/** Patterns are compiled by the engine that runs them; what it says to this one, or null. */
export function wrongRegex(text: string): string | null {
  try {
    pcreExpression(text);
    return null;
  } catch (failure) {
    return failure instanceof Error ? failure.message : String(failure);
  }
}

export function decimalChunks(values: SampleArgument[]): void {
  const size = integerAt(values, 1) ?? 0;
  if (size <= 0 || size > 8) throw new SampleSyntaxError(`chunk_size out of [1..8] range (${size})`);
  truncation(values);
}

export function hexChunks(values: SampleArgument[]): void {
  const size = integerAt(values, 1) ?? 0;
  const truncates = integerAt(values, 2) ?? 0;
  if (size <= 0 && ((textAt(values, 0) ?? '') !== '' || truncates !== 0)) {
    throw new SampleSyntaxError(`chunk_size needs to be positive (${size})`);
  }
  truncation(values);
}

function truncation(values: readonly SampleArgument[]): void {
  const truncates = integerAt(values, 2) ?? 0;
  if (truncates !== 0 && truncates !== 1) throw new SampleSyntaxError(`Unsupported truncate value (${truncates})`);
}

export function digestSize(values: SampleArgument[]): void {
  const bits = integerAt(values, 0);
  if (bits === null || [224, 256, 384, 512].includes(bits)) return;
  throw new SampleSyntaxError('Unsupported number of bits: use 224, 256, 384 or 512');
}

export function digestName(values: SampleArgument[]): void {
  const name = (textAt(values, 0) ?? '').toLowerCase();
  if (['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].includes(name)) return;
  throw new SampleSyntaxError(`algorithm '${name}' is not supported`, 'md5, sha1, sha224, sha256, sha384 or sha512');
}
