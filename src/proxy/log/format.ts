/**
 * A log format, compiled: one small writer for each of its parts, run one after the other.
 *
 *   "%ci [%tr] %ST"  ──▶  clientIp · blank · text `[` · requestDate · text `]` · blank · status
 *
 * A blank is written only where the last byte is none, as HAProxy merges them. A part that has no room ends the line. Not
 * here: what parts there are (parts.ts), where formats come from (src/config/haproxy/log-format.ts).
 */
import type { LogPartPlan } from '../plan.ts';
import { writeBytes } from './digits.ts';
import { findWriter, type Part, type SampleWriter } from './parts.ts';
import { FLAG_ESCAPE, FLAG_MANDATORY, FLAG_QUOTE, writeText } from './quoting.ts';
import type { LogRecord } from './record.ts';

const SPACE = 0x20;

/** What is the same in all lines of a frontend. */
export interface LogConstants {
  readonly frontend: string;
  readonly hostname: string;
  readonly pid: number;
  /** The longest line in bytes. */
  readonly limit: number;
  /** Makes the writer of a sample expression. */
  readonly sample: SampleWriter;
}

export class LogFormat {
  readonly #parts: readonly Part[];
  readonly #limit: number;
  /** Names of the variables in it: the record has to have what they say. */
  readonly #variables: ReadonlySet<string>;

  constructor(plan: readonly LogPartPlan[], constants: LogConstants) {
    this.#variables = new Set(plan.flatMap((part) => (part.kind === 'variable' ? [part.name] : [])));
    this.#parts = merged(plan.map((part) => compile(part, constants)));
    this.#limit = constants.limit;
  }

  says(...names: readonly string[]): boolean {
    return names.some((name) => this.#variables.has(name));
  }

  /** Returns where the line ends. */
  write(record: LogRecord, into: Uint8Array, at: number): number {
    const stop = Math.min(into.length, at + this.#limit);
    let end = at;
    let isBlank = true;
    for (const part of this.#parts) {
      if (part.isBlank) {
        if (isBlank) continue;
        if (end >= stop) break;
        into[end++] = SPACE;
        isBlank = true;
        continue;
      }
      const next = part.write(part, record, into, end, stop);
      if (next > stop) break;
      if (next < 0) return ~next;
      if (next > end || !part.isOptional) isBlank = part.endsBlank;
      end = next;
    }
    return end;
  }
}

function compile(plan: LogPartPlan, constants: LogConstants): Part {
  switch (plan.kind) {
    case 'text':
      return constant(Buffer.from(plan.text, 'latin1'));
    case 'blank':
      return { ...constant(Buffer.alloc(0)), isBlank: true };
    case 'sample':
      return { ...constant(Buffer.alloc(0)), write: constants.sample(plan), flags: plan.flags };
    case 'variable':
      return compileVariable(plan.name, plan.flags, constants);
  }
}

function compileVariable(name: string, flags: number, { frontend, hostname, pid }: LogConstants): Part {
  const quote = (flags & FLAG_QUOTE) !== 0 ? '"' : '';
  switch (name) {
    case 'f':
      return constant(quoted(frontend, flags));
    case 'ft':
      return constant(Buffer.from(`${quote}${frontend}${quote}`));
    case 'H':
      return constant(quoted(hostname, flags));
    case 'sslc':
    case 'sslv':
      return constant(quoted('', flags));
    case 'pid':
      return { ...findWriter('pid', flags), text: Buffer.from(String(pid)), number: pid };
    default:
      return findWriter(name, flags);
  }
}

function quoted(text: string, flags: number): Buffer {
  const into = Buffer.alloc(2 * Buffer.byteLength(text) + 3);
  const bytes = Buffer.from(text);
  const written = flags & (FLAG_QUOTE | FLAG_ESCAPE | FLAG_MANDATORY);
  return into.subarray(0, writeText(into, 0, into.length, bytes, 0, bytes.length, written));
}

function constant(text: Uint8Array): Part {
  return { write: writeConstant, text, flags: 0, number: 0, isBlank: false, endsBlank: false, isOptional: false };
}

function writeConstant(part: Part, _record: LogRecord, into: Uint8Array, at: number, stop: number): number {
  const { text } = part;
  if (at + text.length > stop) return ~writeBytes(into, at, text.subarray(0, stop - at));
  return writeBytes(into, at, text);
}

/** Texts and blanks that follow each other, and are always written, become one text. */
function merged(parts: readonly Part[]): Part[] {
  const result: Part[] = [];
  let knownBlank: boolean | null = true;
  for (const part of parts) {
    const last = result.at(-1);
    if (part.isBlank) {
      if (knownBlank === true) continue;
      if (knownBlank === null || last?.write !== writeConstant || last.isBlank) result.push(part);
      else result[result.length - 1] = { ...last, text: Buffer.concat([last.text, Buffer.of(SPACE)]), endsBlank: true };
      knownBlank = true;
      continue;
    }
    if (part.write === writeConstant && last?.write === writeConstant && !last.isBlank) {
      result[result.length - 1] = { ...last, text: Buffer.concat([last.text, part.text]), endsBlank: false };
    } else result.push(part);
    knownBlank = part.isOptional ? null : false;
  }
  return result;
}
