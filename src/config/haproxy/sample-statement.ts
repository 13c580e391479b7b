/**
 * Sample expressions on a line: read, judged by their place, reported there. `env(X)` becomes the text that X has now; names of
 * proxies and servers are noted, to be looked up when all of them are known.
 *
 * Not here: the syntax (sample.ts).
 */
import type { SampleArgument, SampleExpression } from '../sample-model.ts';
import type { Loading, ProxyDraft, ProxyTarget } from './drafts.ts';
import { hasBackend, hasFrontend, proxyLabel } from './drafts.ts';
import { parseSamplePrefix, parseSampleWords, placeProblem, type SampleResult } from './sample.ts';
import type { Statement } from './statement.ts';
import { readVariable } from './tokenizer.ts';

/** An expression that has been read, and where. */
export interface SampleUse {
  readonly statement: Statement;
  readonly at: number;
  readonly proxy: ProxyDraft;
  readonly expression: SampleExpression;
}

/** Begins `text`, a part of word `at`; null where it is wrong, which has been reported. `places`: PLACE_*. */
export function sampleInText(
  s: Statement,
  at: number,
  target: ProxyTarget,
  text: string,
  places: number,
): { readonly expression: SampleExpression; readonly end: number } | null {
  return accepted(s, at, target, parseSamplePrefix(text), places, `'${s.text(0)}': `);
}

/** Is word `at`, and further words that are converters; null where it is wrong, which has been reported. */
export function sampleInWords(
  s: Statement,
  at: number,
  target: ProxyTarget,
  places: number,
): { readonly expression: SampleExpression; readonly next: number } | null {
  const words = s.words.slice(at).map((word) => word.text);
  const read = accepted(s, at, target, parseSampleWords(words), places, `'${s.text(0)}': `);
  return read === null ? null : { expression: read.expression, next: at + read.words };
}

interface Accepted {
  readonly expression: SampleExpression;
  readonly end: number;
  readonly words: number;
}

function accepted(
  s: Statement,
  at: number,
  target: ProxyTarget,
  result: SampleResult,
  places: number,
  before: string,
): Accepted | null {
  if (result.expression === null) {
    s.error(at, 'bad-sample', before + result.error, result.hint);
    return null;
  }
  const problem = placeProblem(result.expression, places);
  if (problem !== null) {
    s.error(at, 'bad-sample', before + problem);
    return null;
  }
  return { expression: adoptSample(s, at, target, result.expression), end: result.end, words: result.words };
}

/** For an expression that was read elsewhere: with the environment of now, its names noted. */
export function adoptSample(
  s: Statement,
  at: number,
  { proxy, loading }: ProxyTarget,
  read: SampleExpression,
): SampleExpression {
  const expression = withEnvironment(read, loading);
  if (namesSomething(expression)) loading.samples.push({ statement: s, at, proxy, expression });
  return expression;
}

/** Variables are those of the moment at which the line is read. */
function withEnvironment(expression: SampleExpression, loading: Loading): SampleExpression {
  const { word, arguments: values } = expression.fetch;
  const [name] = values;
  if (word !== 'env' || name?.kind !== 'text') return expression;
  const value = readVariable(loading.env, name.value);
  const found: SampleArgument = value === undefined ? { kind: 'none' } : { kind: 'text', value };
  return { ...expression, fetch: { word, arguments: [found] } };
}

function argumentsOf(expression: SampleExpression): readonly SampleArgument[] {
  return [expression.fetch, ...expression.converters].flatMap((step) => step.arguments);
}

function namesSomething(expression: SampleExpression): boolean {
  return argumentsOf(expression).some(({ kind }) => ['frontend', 'backend', 'server'].includes(kind));
}

/** Once all proxies are known: each name has to be one. */
export function checkSampleNames(uses: readonly SampleUse[], proxies: readonly ProxyDraft[]): void {
  for (const use of uses) {
    for (const value of argumentsOf(use.expression)) {
      const problem = nameProblem(value, use.proxy, proxies);
      if (problem === null) continue;
      use.statement.error(use.at, 'unknown-name', `'${use.expression.text}': ${problem}`);
    }
  }
}

function nameProblem(value: SampleArgument, own: ProxyDraft, proxies: readonly ProxyDraft[]): string | null {
  switch (value.kind) {
    case 'frontend':
    case 'backend': {
      const has = value.kind === 'frontend' ? hasFrontend : hasBackend;
      // In a defaults section: whoever takes it over.
      if (value.name === '') return has(own) ? null : `${proxyLabel(own)} is no ${value.kind}, so one has to be named`;
      const found = proxies.some((proxy) => proxy.name === value.name && has(proxy));
      return found ? null : `unable to find ${value.kind} '${value.name}'`;
    }
    case 'server':
      return serverProblem(value.name, own, proxies);
    default:
      return null;
  }
}

/** `backend/server`, or `server` of the own backend. */
function serverProblem(name: string, own: ProxyDraft, proxies: readonly ProxyDraft[]): string | null {
  if (name === '') return 'a server has to be named';
  const slash = name.lastIndexOf('/');
  if (slash < 0 && own.kind === 'defaults') return `the backend of server '${name}' has to be named`;
  const backend = name.slice(0, Math.max(0, slash));
  const proxy = slash < 0 ? own : proxies.find((other) => other.name === backend && hasBackend(other));
  if (proxy === undefined) return `unable to find proxy '${backend}'`;
  const server = name.slice(slash + 1);
  const found = proxy.servers.some((other) => other.name === server);
  return found ? null : `unable to find server '${server}' in ${proxyLabel(proxy)}`;
}
