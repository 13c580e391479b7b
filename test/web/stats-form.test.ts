/** The form of the stats page: HAProxy's fields, what they do to servers, and how that is called. */
import { describe, expect, it } from 'vitest';
import type { StatsPage } from '../../src/config/inside-model.ts';
import { silentJournal } from '../../src/daemon/journal.ts';
import { carryOut } from '../../src/web/stats-page/actions.ts';
import { statsAnswer } from '../../src/web/stats-page/stats-page.ts';
import type { WebAnswer, WebVisit } from '../../src/web/visit.ts';
import { PROXIES } from '../support/admin-scene.ts';
import { FakeAdminSide } from '../support/admin-side.ts';

async function states(side: FakeAdminSide): Promise<Readonly<Record<string, string>>> {
  const answer = await ask(side, ';csv');
  const rows = (await textOf(answer)).split('\n').map((line) => line.split(','));
  return Object.fromEntries(rows.map((row) => [`${row[0]}/${row[1]}`, row[17] ?? '']));
}

const SETTINGS: StatsPage = {
  uri: '/stats',
  realm: 'here',
  refreshS: 0,
  users: [],
  scopes: [],
  hidesVersion: false,
  showsLegends: true,
  showsModules: false,
  node: null,
  description: null,
  rules: [],
  admin: [],
};

function ask(
  side: FakeAdminSide,
  rest: string,
  more: Partial<WebVisit> & { admin?: boolean; settings?: Partial<StatsPage> } = {},
): Promise<WebAnswer> {
  const { settings, ...visit } = more;
  const whole: WebVisit = {
    method: 'GET',
    target: `/stats${rest}`,
    path: '/stats',
    query: new URLSearchParams(),
    headers: {},
    body: '',
    bodyTooLong: false,
    admin: false,
    side: { proxies: side, pair: null, journal: silentJournal },
    gone: new AbortController().signal,
    ...visit,
  };
  return statsAnswer(whole, { settings: { ...SETTINGS, ...settings }, proxy: 'tcp', admin: whole.admin });
}

async function textOf({ body }: WebAnswer): Promise<string> {
  if (typeof body === 'string') return body;
  let text = '';
  if (!(body instanceof Uint8Array)) for await (const piece of body) text += piece;
  return text;
}

describe('what a form does', () => {
  const CASES: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    ['s=s1&action=maint&b=app', 'DONE', { 'app/s1': 'MAINT' }],
    ['s=s1&action=maint&b=%234', 'ERRP', {}],
    ['s=s1&action=drain&b=app', 'DONE', { 'app/s1': 'DRAIN' }],
    ['s=s1&s=s3&action=maint&b=app', 'DONE', { 'app/s1': 'MAINT', 'app/s3': 'MAINT' }],
    ['s=s3&action=ready&b=app', 'DONE', { 'app/s3': 'no check' }],
    ['s=s3&action=enable&b=app', 'DONE', { 'app/s3': 'no check' }],
    ['s=s1&action=disable&b=app', 'DONE', { 'app/s1': 'MAINT' }],
    ['s=s1&action=stop&b=app', 'DONE', { 'app/s1': 'DRAIN' }],
    ['s=s1&action=start&b=app', 'NONE', {}],
    ['s=s2&action=hdown&b=app', 'DONE', { 'app/s2': 'DOWN' }],
    ['s=s1&action=dhlth&b=app', 'NONE', {}],
    ['s=s2&action=dhlth&b=app', 'DONE', { 'app/s2': 'no check' }],
    ['s=s1&action=dagent&b=app', 'NONE', {}],
    ['s=s1&action=shutdown&b=app', 'DONE', {}],
    ['s=nobody&action=maint&b=app', 'ERRP', {}],
    ['s=s1&s=nobody&action=maint&b=app', 'PART', { 'app/s1': 'MAINT' }],
    ['s=s1&action=maint&b=nobody', 'ERRP', {}],
    ['s=s1&action=maint&b=web', 'ERRP', {}],
    ['s=s1&action=maint', 'NONE', {}],
    ['s=s1&b=app', 'NONE', {}],
    ['s=s1&action=&b=app', 'ERRP', {}],
    ['s=s1&action=constructor&b=app', 'ERRP', {}],
    ['s=s1&action=drain&action=maint&b=nobody&b=app', 'DONE', { 'app/s1': 'MAINT' }],
    ['b=app&action=maint&s=s1', 'DONE', { 'app/s1': 'MAINT' }],
    ['s=t1&action=maint&b=app%2F..%2Ftcp', 'ERRP', {}],
    ['', 'NONE', {}],
    ['%%%=&&&', 'NONE', {}],
  ];
  it.each(CASES)('%s is %s', async (form, outcome, changed) => {
    const side = new FakeAdminSide(PROXIES);
    const before = await states(side);
    expect(await carryOut(side, form)).toBe(outcome);
    expect(await states(side)).toEqual({ ...before, ...changed });
  });

  it('nobody without the right to it changes anything', async () => {
    const side = new FakeAdminSide(PROXIES);
    const before = await states(side);
    const form = { method: 'POST', body: 's=s1&action=maint&b=app' } as const;
    const denied = await ask(side, ';up', form);
    expect([denied.status, denied.headers['Location']]).toEqual([303, '/stats;st=DENY;up']);
    expect(await states(side)).toEqual(before);
    const long = await ask(side, '', { ...form, admin: true, body: '', bodyTooLong: true });
    expect(long.headers['Location']).toBe('/stats;st=EXCD');
    expect((await ask(side, '', { ...form, admin: true })).headers['Location']).toBe('/stats;st=DONE');
  });
});

describe('what is shown', () => {
  const names = async (rest: string, settings: Partial<StatsPage> = {}): Promise<string[]> => {
    const text = await textOf(await ask(new FakeAdminSide(PROXIES), `${rest};csv`, { settings }));
    return text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, 2).join('/'));
  };

  it('all of it, or the scopes, or what somebody looks for', async () => {
    expect(await names('')).toContain('app/s3');
    expect(await names('', { scopes: ['.'] })).toEqual(['tcp/FRONTEND', 'tcp/t1', 'tcp/BACKEND']);
    expect(await names('', { scopes: ['web'] })).toEqual(['web/FRONTEND']);
    expect(await names('?scope=WE')).toEqual(['web/FRONTEND']);
    expect(await names(';no-maint')).not.toContain('app/s3');
  });

  it('forms and boxes for those with the right to them alone', async () => {
    const side = new FakeAdminSide(PROXIES);
    const reading = await textOf(await ask(side, ''));
    expect(reading).not.toContain('<select');
    expect(reading).not.toContain('type="checkbox"');
    const writing = await textOf(await ask(side, '', { admin: true }));
    expect(writing.match(/<select name="action">/g)?.length).toBe(2);
    expect(writing.match(/name="s"/g)?.length).toBe(4);
  });

  it('refresh, where it is wanted', async () => {
    const side = new FakeAdminSide(PROXIES);
    const settings = { refreshS: 7 };
    expect((await ask(side, '', { settings })).headers['Refresh']).toBe('7');
    expect((await ask(side, ';norefresh', { settings })).headers['Refresh']).toBeUndefined();
    expect((await ask(side, '')).headers['Refresh']).toBeUndefined();
  });
});
