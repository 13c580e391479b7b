/**
 * What the texts and expressions of a check mean at this moment: log-format strings, `status-code`, variables. Samples are
 * text of bytes, numbers or truths, and turn into each other as in HAProxy. Pure but for the clock.
 *
 * Which fetches and converters there are: src/config/haproxy/check-text.ts; the data path
 * has its own (src/proxy/sample), which look at streams.
 */
import type { CheckText } from '../config/check-model.ts';
import type { SampleArgument, SampleExpression, SampleStep } from '../config/sample-model.ts';
import type { Clock } from '../core/clock.ts';
import type { Answer } from './http-answer.ts';

/** `bytes` ends at a zero byte where it becomes a `text`. */
type Sample =
  | { readonly type: 'text' | 'bytes'; readonly text: string }
  | { readonly type: 'number'; readonly number: number }
  | { readonly type: 'truth'; readonly truth: boolean };

export interface SampleScene {
  readonly clock: Clock;
  /** What arrived since the last connect or send; null in HTTP checks. */
  readonly received: string | null;
  readonly answer: Answer | null;
  readonly variables: Map<string, Sample>;
  readonly backend: string;
  readonly server: string;
}

export function textOf(text: CheckText, scene: SampleScene): string {
  return text.map((part) => (typeof part === 'string' ? part : asText(evaluate(part, scene)))).join('');
}

/** null: it does not give a number. */
export function numberOf(expression: SampleExpression, scene: SampleScene): number | null {
  const sample = evaluate(expression, scene);
  if (sample === null) return null;
  // Through a string, as HAProxy asks for it.
  const number = /^[-+]?\d+/.exec(asText(sample));
  return number === null ? 0 : Number(number[0]);
}

export function setVariable(name: string, value: CheckText | SampleExpression, scene: SampleScene): void {
  const sample: Sample | null = isText(value) ? { type: 'text', text: textOf(value, scene) } : evaluate(value, scene);
  if (sample !== null) scene.variables.set(name, sample);
}

function isText(value: CheckText | SampleExpression): value is CheckText {
  return Array.isArray(value);
}

function evaluate({ fetch, converters }: SampleExpression, scene: SampleScene): Sample | null {
  let sample = fetched(fetch, scene);
  for (const step of converters) {
    if (sample === null) return null;
    sample = converted(sample, step);
  }
  return sample;
}

function fetched({ word, arguments: given }: SampleStep, scene: SampleScene): Sample | null {
  const { answer, received } = scene;
  switch (word) {
    case 'always_true':
      return { type: 'truth', truth: true };
    case 'always_false':
      return { type: 'truth', truth: false };
    case 'bool':
      return { type: 'truth', truth: textArgument(given[0]) === '1' || numberArgument(given[0]) === 1 };
    case 'int':
      return { type: 'number', number: numberArgument(given[0]) };
    case 'str':
      return { type: 'text', text: textArgument(given[0]) };
    case 'date':
      return { type: 'number', number: Math.floor(scene.clock.wallMs() / 1000) + numberArgument(given[0]) };
    case 'be_name':
      return { type: 'text', text: scene.backend };
    case 'srv_name':
      return { type: 'text', text: scene.server };
    case 'var':
      return scene.variables.get(textArgument(given[0])) ?? null;
    case 'res.len':
      return { type: 'number', number: received?.length ?? 0 };
    case 'res.payload':
      return payload(received, numberArgument(given[0]), numberArgument(given[1]));
    case 'status':
      return answer === null ? null : { type: 'number', number: answer.status };
    case 'res.body':
      return answer === null ? null : { type: 'bytes', text: answer.body };
    case 'res.body_len':
      return answer === null ? null : { type: 'number', number: answer.body.length };
    case 'res.hdr':
    case 'res.fhdr':
      return lastHeader(answer, textArgument(given[0]), word === 'res.fhdr');
    default:
      return null;
  }
}

function payload(received: string | null, offset: number, size: number): Sample | null {
  if (received === null || offset + size > received.length) return null;
  return { type: 'bytes', text: size === 0 ? received.slice(offset) : received.slice(offset, offset + size) };
}

function lastHeader(answer: Answer | null, name: string, full: boolean): Sample | null {
  const wanted = (answer?.headers ?? []).filter((header) => header.name.toLowerCase() === name.toLowerCase());
  const last = wanted.at(-1)?.value;
  if (last === undefined) return null;
  return { type: 'text', text: full ? last : (last.split(',').at(-1) ?? '').trim() };
}

function converted(sample: Sample, { word, arguments: given }: SampleStep): Sample | null {
  const text = (change: (text: string) => string): Sample => ({ type: 'text', text: change(asText(sample)) });
  switch (word) {
    case 'lower':
      return text((value) => value.toLowerCase());
    case 'upper':
      return text((value) => value.toUpperCase());
    case 'cut_crlf':
      return text((value) => /^[^\r\n]*/.exec(value)?.[0] ?? '');
    case 'ltrim':
      return text((value) => value.slice(leading(value, textArgument(given[0]))));
    case 'rtrim':
      return text((value) =>
        value.slice(0, value.length - leading([...value].reverse().join(''), textArgument(given[0]))),
      );
    case 'length':
      return { type: 'number', number: asText(sample).length };
    case 'hex':
      return { type: 'text', text: Buffer.from(asBytes(sample), 'latin1').toString('hex').toUpperCase() };
    case 'htonl':
      return { type: 'bytes', text: bigEndian(asNumber(sample)) };
    case 'bytes':
      return { type: 'bytes', text: partOf(asBytes(sample), numberArgument(given[0]), given[1]) };
    default:
      return null;
  }
}

function leading(value: string, delimiters: string): number {
  let count = 0;
  while (count < value.length && delimiters.includes(value[count] ?? '')) count++;
  return count;
}

function bigEndian(number: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number >>> 0);
  return bytes.toString('latin1');
}

function partOf(bytes: string, offset: number, length: SampleArgument | undefined): string {
  if (length === undefined || length.kind === 'none') return bytes.slice(offset);
  return bytes.slice(offset, offset + numberArgument(length));
}

function asText(sample: Sample | null): string {
  if (sample === null) return '';
  if (sample.type === 'bytes') return sample.text.split('\0', 1)[0] ?? '';
  return asBytes(sample);
}

function asBytes(sample: Sample): string {
  switch (sample.type) {
    case 'text':
    case 'bytes':
      return sample.text;
    case 'number':
      return String(sample.number);
    case 'truth':
      return sample.truth ? '1' : '0';
  }
}

function asNumber(sample: Sample): number {
  if (sample.type === 'number') return sample.number;
  if (sample.type === 'truth') return sample.truth ? 1 : 0;
  return Number(/^[-+]?\d+/.exec(sample.text)?.[0] ?? 0);
}

function textArgument(argument: SampleArgument | undefined): string {
  if (argument?.kind === 'text' || argument?.kind === 'address') return argument.value;
  return argument?.kind === 'integer' ? String(argument.value) : '';
}

function numberArgument(argument: SampleArgument | undefined): number {
  return argument?.kind === 'integer' ? Number(argument.value) : 0;
}
