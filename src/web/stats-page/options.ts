/**
 * What stands behind the URI of the stats page, in HAProxy's words: `;csv`, `;up`, `;norefresh`, `?scope=web` …, in any order,
 * anywhere.
 */

export type StatsFormat = 'html' | 'csv' | 'typed' | 'json' | 'json-schema';

export interface StatsOptions {
  readonly format: StatsFormat;
  readonly hidesDown: boolean;
  readonly hidesMaint: boolean;
  readonly noRefresh: boolean;
  /** How an action went, '' where there was none. */
  readonly outcome: string;
  /** A part of the names of proxies; '': all. */
  readonly scope: string;
}

const SCOPE_MAX_LENGTH = 20;
/** Of which names of proxies may be made. */
const SCOPE = /^[A-Za-z0-9_.:-]*$/;

/** Of several the last one in this list counts, as in HAProxy. */
const FORMATS: readonly (readonly [string, StatsFormat])[] = [
  [';csv', 'csv'],
  [';typed', 'typed'],
  [';json', 'json'],
  [';json-schema', 'json-schema'],
];

export function statsOptions(rest: string): StatsOptions {
  const format = FORMATS.findLast(([word]) => rest.includes(word))?.[1] ?? 'html';
  const scope = (/scope=([^;& ]*)/.exec(rest)?.[1] ?? '').slice(0, SCOPE_MAX_LENGTH);
  return {
    format,
    hidesDown: rest.includes(';up'),
    hidesMaint: rest.includes(';no-maint'),
    noRefresh: rest.includes(';norefresh'),
    outcome: /;st=([A-Z]{4})/.exec(rest)?.[1] ?? (rest.includes(';st=') ? 'UNKN' : ''),
    scope: SCOPE.test(scope) ? scope : '',
  };
}

/** The same page with other options. */
export function optionsText(prefix: string, options: Partial<StatsOptions>): string {
  return [
    prefix,
    options.outcome ? `;st=${options.outcome}` : '',
    options.format === undefined || options.format === 'html' ? '' : `;${options.format}`,
    options.hidesDown ? ';up' : '',
    options.hidesMaint ? ';no-maint' : '',
    options.noRefresh ? ';norefresh' : '',
    options.scope ? `?scope=${options.scope}` : '',
  ].join('');
}
