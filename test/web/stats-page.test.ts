/** The stats page as a function: options of its URI, its form, its rows. */
import { describe, expect, it } from 'vitest';
import type { StatRow } from '../../src/admin/stat-rows.ts';
import { isKnown, loginWanted } from '../../src/web/basic-auth.ts';
import { escapeHtml } from '../../src/web/escape.ts';
import { duration, number } from '../../src/web/stats-page/cells.ts';
import { optionsText, statsOptions } from '../../src/web/stats-page/options.ts';
import { serverHtml } from '../../src/web/stats-page/rows.ts';

const PLAIN = { format: 'html', hidesDown: false, hidesMaint: false, noRefresh: false, outcome: '', scope: '' };

describe('what stands behind the URI', () => {
  const CASES = [
    ['', {}],
    [';csv', { format: 'csv' }],
    [';csv;norefresh', { format: 'csv', noRefresh: true }],
    [';norefresh;up;csv;no-maint', { format: 'csv', noRefresh: true, hidesDown: true, hidesMaint: true }],
    [';typed', { format: 'typed' }],
    [';json', { format: 'json' }],
    [';json-schema', { format: 'json-schema' }],
    [';csv;json', { format: 'json' }],
    [';st=DONE', { outcome: 'DONE' }],
    [';st=x', { outcome: 'UNKN' }],
    ['?scope=web', { scope: 'web' }],
    [';up?scope=web&x=y', { hidesDown: true, scope: 'web' }],
    ['?scope="><script>', {}],
    ['?scope=aaaaaaaaaaaaaaaaaaaaaaaaaaaaa', { scope: 'aaaaaaaaaaaaaaaaaaaa' }],
    ['/foo;csv', { format: 'csv' }],
  ] as const;
  it.each(CASES)('%j', (rest, meant) => {
    expect(statsOptions(rest)).toEqual({ ...PLAIN, ...meant });
  });

  it('what is written is read again', () => {
    for (const [rest] of CASES) {
      const options = statsOptions(rest);
      expect(statsOptions(optionsText('', options))).toEqual(options);
    }
  });
});

describe('who may come in', () => {
  const users = [
    { name: 'a', password: 'b:c' },
    { name: 'öl', password: '' },
  ];
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const CASES = [
    [basic('a:b:c'), true],
    [basic('öl:'), true],
    [`bAsIc  ${Buffer.from('a:b:c').toString('base64')} `, true],
    [basic('a:b'), false],
    [basic('a:'), false],
    [basic('b:c'), false],
    [basic('a'), false],
    ['Bearer a:b:c', false],
    ['Basic', false],
    ['Basic !!!', false],
    [undefined, false],
  ] as const;
  it.each(CASES)('%j: %s', (authorization, known) => {
    expect(isKnown(authorization, users)).toBe(known);
  });

  it('a realm is one word of one line', () => {
    expect(loginWanted('a "b" \\\r\nX: y').headers['WWW-Authenticate']).toBe('Basic realm="a \\"b\\" \\\\  X: y"');
  });
});

describe('rows', () => {
  const row: StatRow = { pxname: 'p', svname: 's', mode: 'http', status: 'UP', weight: 1, act: 1, bck: 0, type: 2 };
  const html = (more: StatRow): string => serverHtml({ ...row, ...more }, { admin: true, legends: true });

  const COLOURS: readonly (readonly [StatRow, string])[] = [
    [{}, 'active_up'],
    [{ bck: 1, act: 0 }, 'backup_up'],
    [{ status: 'UP 1/3' }, 'active_going_down'],
    [{ status: 'DOWN 1/2' }, 'active_going_up'],
    [{ status: 'DOWN' }, 'active_down'],
    [{ status: 'DOWN (agent)' }, 'active_down'],
    [{ status: 'MAINT (via a/b)', bck: 1 }, 'maintain'],
    [{ status: 'DRAIN' }, 'active_draining'],
    [{ status: 'NOLB' }, 'active_nolb'],
    [{ status: 'NOLB 1/2' }, 'active_going_down'],
    [{ status: 'no check' }, 'active_no_check'],
    [{ weight: 0 }, 'active_draining'],
  ];
  it.each(COLOURS)('%j is %s', (more, colour) => {
    expect(html(more)).toContain(`<tr class="${colour}"`);
  });

  it('what servers and checks say is never markup', () => {
    const evil = `"><script>alert('x')</script>`;
    const text = html({
      svname: evil,
      pxname: evil,
      last_chk: evil,
      check_desc: evil,
      check_status: evil,
      cookie: evil,
    });
    expect(text).not.toContain('<script');
    expect(text).toContain(escapeHtml(evil));
  });

  it('numbers come in groups, times in two units', () => {
    expect(number({ a: 1234567 }, 'a')).toBe('<span class="g">1</span><span class="g">234</span>567');
    expect(number({ a: 123 }, 'a')).toBe('123');
    expect([0, 59, 61, 3600, 90_061].map(duration)).toEqual(['0s', '59s', '1m1s', '1h0m', '1d1h']);
  });
});
