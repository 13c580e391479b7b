import { describe, expect, it } from 'vitest';
import { parseMetricsQuery } from '../../../src/web/metrics/metrics-query.ts';

const ALL = ['global', 'frontend', 'listener', 'backend', 'server', 'sticktable', 'keepalived', 'tandem'];

function scopes(query: string): readonly string[] | null {
  const parsed = parseMetricsQuery(query);
  return parsed === null ? null : [...parsed.scopes];
}

describe('scopes', () => {
  it.each<[string, readonly string[]]>([
    ['', ALL],
    ['no-maint', ALL],
    ['scope=global', ['global']],
    ['scope=server&scope=backend', ['server', 'backend']],
    ['scope=*', ALL],
    ['scope=', []],
    ['scope=*&scope=', []],
    ['scope=&scope=global', ['global']],
    ['scope=tandem&scope=keepalived', ['tandem', 'keepalived']],
    // Escaped, as clients may.
    ['%73cope=fr%6Fntend', ['frontend']],
    ['scope=sticktable&empty=&&x', ['sticktable']],
    // What follows # is no query.
    ['scope=global#&scope=server', ['global']],
  ])('of ?%s', (query, expected) => {
    expect(scopes(query)).toEqual(expected);
  });
});

describe('a query that HAProxy answers by 400', () => {
  it.each([
    'scope',
    'scope=nothing',
    'scope=Global',
    'scope=server,backend',
    'scope=global=',
    'x=1=2',
    'scope=%zz',
    '%4=1',
    'x=%',
    'metrics',
  ])('is ?%s', (query) => {
    expect(parseMetricsQuery(query)).toBe(null);
  });
});

describe('families by name', () => {
  it.each<[string, readonly string[]]>([
    ['', ['a', 'b', 'c']],
    ['metrics=', ['a', 'b', 'c']],
    ['metrics=a', ['a']],
    ['metrics=a,b', ['a', 'b']],
    ['metrics=a&metrics=c', ['a', 'c']],
    ['metrics=-a', ['b', 'c']],
    ['metrics=a,-b', ['a']],
    ['metrics=a&metrics=-a', []],
    ['metrics=-a,a', ['a']],
    ['metrics=,-,', ['a', 'b', 'c']],
    ['metrics=%61', ['a']],
    ['metrics=nobody', []],
  ])('of ?%s', (query, expected) => {
    const wants = parseMetricsQuery(query)?.wants ?? (() => false);
    expect(['a', 'b', 'c'].filter(wants)).toEqual(expected);
  });
});

it('servers in maintenance are left out where that is said, however', () => {
  for (const query of ['no-maint', 'no-maint=', 'no-maint=empty', 'scope=server&no%2Dmaint']) {
    expect(parseMetricsQuery(query)?.hidesMaint).toBe(true);
  }
  expect(parseMetricsQuery('scope=server&nomaint')?.hidesMaint).toBe(false);
});
