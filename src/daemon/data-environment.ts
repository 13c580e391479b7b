/**
 * The environment of the data process: what the runtime and the C library look at, nothing else. The configuration may take
 * passwords from the environment (`"$NAME"`), and the data process has no use for them.
 */

const NAMES: ReadonlySet<string> = new Set([
  'TZ',
  'TZDIR',
  'LANG',
  'NODE_OPTIONS',
  'NODE_ICU_DATA',
  'GLIBC_TUNABLES',
  'LD_LIBRARY_PATH',
  'LD_PRELOAD',
]);
const PREFIXES = ['LC_', 'MALLOC_', 'UV_'];

export function dataEnvironment(own: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const known = (name: string): boolean => NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix));
  return Object.fromEntries(Object.entries(own).filter(([name]) => known(name)));
}
