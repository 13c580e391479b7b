/** The names that keepalived defines itself: `${_PWD}`, `${_INSTANCE}`, `${_RANDOM 1 10}`, `${_ENV HOME}`, `${_HASH}`, `${_BANG}`. */
import type { StandardDefinition } from './definitions.ts';
import type { LoadContext } from './source.ts';

/** RAND_MAX of glibc. */
const LARGEST_RANDOM = 2_147_483_647;

export function standardDefinitions(context: LoadContext): ReadonlyMap<string, StandardDefinition> {
  const plain =
    (value: string): StandardDefinition =>
    (parameters) =>
      parameters.length === 0 ? value : null;
  return new Map<string, StandardDefinition>([
    ['_PWD', plain(context.folder ?? '.')],
    ['_INSTANCE', plain(context.instanceName ?? '')],
    ['_HASH', plain('#')],
    ['_BANG', plain('!')],
    ['_ENV', ([name, ...more]) => (name === undefined || more.length > 0 ? null : (context.env[name] ?? ''))],
    ['_RANDOM', (parameters) => randomNumber(parameters, context.random ?? (() => 0))],
  ]);
}

/** One number: up to it; two: from the one to the other. */
function randomNumber(parameters: readonly string[], random: () => number): string | null {
  const numbers = parameters.map(Number);
  if (numbers.length > 2 || numbers.some((number) => !Number.isSafeInteger(number) || number < 0)) return null;
  const [first, second] = numbers;
  const least = second === undefined ? 0 : (first ?? 0);
  const most = second ?? first ?? LARGEST_RANDOM;
  if (most < least) return null;
  return String(least + Math.floor(random() * (most - least + 1)));
}
