/**
 * What a scrape asks for, by HAProxy's words in the query: `scope=` (2.4), `no-maint`, `metrics=` (3.0). It is read as HAProxy
 * reads it: in order, the last word counts, words that mean nothing are left out.
 */

/** HAProxy's, and two of ours. */
const SCOPES = ['global', 'frontend', 'listener', 'backend', 'server', 'sticktable', 'keepalived', 'tandem'] as const;

export type Scope = (typeof SCOPES)[number];

export interface MetricsQuery {
  readonly scopes: ReadonlySet<Scope>;
  /** Nothing of servers in maintenance. */
  readonly hidesMaint: boolean;
  /** Whether this family is asked for. */
  readonly wants: (family: string) => boolean;
}

/** `query`: what follows `?`, as it came. null: HAProxy answers 400. */
export function parseMetricsQuery(query: string): MetricsQuery | null {
  const [words = ''] = query.split('#', 1);
  let scopes: Set<Scope> | null = null;
  let hidesMaint = false;
  const names = new Map<string, boolean>();
  // Who names one wants no others.
  let others = true;
  for (const word of words.split('&')) {
    const [rawKey = '', rawValue, ...more] = word.split('=');
    const key = decoded(rawKey);
    const value = rawValue === undefined ? null : decoded(rawValue);
    if (key === null || more.length > 0 || (rawValue !== undefined && value === null)) return null;
    if (key === 'scope') {
      scopes = narrowed(scopes ?? new Set(), value);
      if (scopes === null) return null;
    } else if (key === 'no-maint') hidesMaint = true;
    else if (key === 'metrics') {
      if (value === null) return null;
      for (const name of value.split(',')) if (note(names, name)) others = false;
    }
  }
  return { scopes: scopes ?? new Set(SCOPES), hidesMaint, wants: (family) => names.get(family) ?? others };
}

/** Nothing: none; `*`: all; null: there is no such scope. */
function narrowed(scopes: Set<Scope>, value: string | null): Set<Scope> | null {
  if (value === null) return null;
  if (value === '') return new Set();
  if (value.startsWith('*')) return new Set(SCOPES);
  const scope = SCOPES.find((one) => one === value);
  return scope === undefined ? null : scopes.add(scope);
}

/** Whether it is one that is wanted. */
function note(names: Map<string, boolean>, name: string): boolean {
  const excluded = name.startsWith('-');
  const family = excluded ? name.slice(1) : name;
  if (family === '') return false;
  names.set(family, !excluded);
  return !excluded;
}

/** null: a `%` that is followed by no number. */
function decoded(text: string): string | null {
  if (/%(?![0-9a-f]{2})/i.test(text)) return null;
  const bytes = text.replaceAll('+', ' ').replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return bytes;
}
