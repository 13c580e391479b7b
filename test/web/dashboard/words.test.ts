import { describe, expect, it } from 'vitest';
import {
  backendWord,
  checkProgress,
  checkText,
  eventTone,
  healthWord,
  instanceWord,
  serversText,
  serverWord,
} from '../../../src/web/dashboard/page/words.ts';
import type { ShownBackend, ShownCheck, ShownServer } from '../../../src/web/dashboard/shown.ts';
import { instanceStatus } from '../../support/instance-status.ts';

const check: ShownCheck = {
  ...{ enabled: true, paused: false, result: 'L7OK', verdict: 'passed', status: 200, durationMs: 3, info: '' },
  ...{ health: 4, rise: 2, fall: 3 },
};

const times = {
  ...{ queueMs: 0, connectMs: 0, responseMs: 0, totalMs: 0 },
  ...{ queueMaxMs: 0, connectMaxMs: 0, responseMaxMs: 0, totalMaxMs: 0 },
};

const server: ShownServer = {
  ...{ name: 's', http: true, state: 'up', operation: 'running', unresolved: false, maint: false, drain: false },
  ...{ tracks: null, weight: 1, effectiveWeight: 1, isBackup: false, host: '192.0.2.1', port: 80, limit: 0 },
  ...{ sessions: 0, sessionsMax: 0, queued: 0, total: 0, responses: [0, 0, 0, 0, 0, 0], connectErrors: 0 },
  ...{ responseErrors: 0, retries: 0, rate: { now: 0, max: 0 }, times, sinceMs: 0, check },
};

function backend(servers: readonly ShownServer[], more: Partial<ShownBackend> = {}): ShownBackend {
  return {
    ...{ http: true, up: true, sessions: 0, limit: 0, queued: 0, total: 0, bytesIn: 0, bytesOut: 0 },
    ...{ responses: [0, 0, 0, 0, 0, 0], connectErrors: 0, responseErrors: 0, retries: 0, redispatches: 0 },
    ...{ rate: { now: 0, max: 0 }, times, active: 1, backup: 0, algorithm: 'roundrobin', sinceMs: 0 },
    servers,
    ...more,
  };
}

describe('a server is called', () => {
  it.each<[string, Partial<ShownServer>, string]>([
    ['up', {}, 'good'],
    ['up, unchecked', { check: null }, 'good'],
    ['up', { check: null, tracks: 'b/other' }, 'good'],
    ['up, failing', { check: { ...check, verdict: 'failed', health: 3 } }, 'warn'],
    ['up', { check: { ...check, verdict: 'failed', paused: true } }, 'good'],
    ['up, warming', { operation: 'starting' }, 'warn'],
    ['up, stopping', { operation: 'stopping' }, 'warn'],
    ['draining', { state: 'drain', drain: true }, 'warn'],
    ['down', { state: 'down', operation: 'stopped' }, 'bad'],
    ['maintenance', { state: 'maint', maint: true }, 'idle'],
    ['no address', { state: 'maint', maint: true, unresolved: true }, 'idle'],
  ])('%s for %o', (word, more, tone) => {
    expect(serverWord({ ...server, ...more })).toMatchObject({ text: word, tone });
  });

  it('never by a colour alone: each tone has a sign of its own', () => {
    const states = ['up', 'drain', 'down', 'maint'] as const;
    expect(new Set(states.map((state) => serverWord({ ...server, state }).sign)).size).toBe(4);
  });
});

describe('a backend is called', () => {
  const down: ShownServer = { ...server, state: 'down' };
  it.each<[string, ShownBackend, string]>([
    ['up', backend([server]), '1 up'],
    ['degraded', backend([server, down, down]), '1 up, 2 down'],
    ['down', backend([down], { up: false }), '1 down'],
    ['on backups', backend([{ ...server, isBackup: true }], { active: 0 }), '1 up'],
    ['up', backend([server, { ...server, state: 'maint' }]), '1 up, 1 in maintenance'],
    ['no servers', backend([], { up: true, active: 0 }), 'no servers'],
  ])('%s', (word, shown, servers) => {
    expect(backendWord(shown).text).toBe(word);
    expect(serversText(shown)).toBe(servers);
  });
});

describe('a check is told', () => {
  it.each<[string, ShownCheck | null, string | null]>([
    ['L7OK 200 3 ms', check, null],
    ['L4OK 0 ms', { ...check, result: 'L4OK', status: 0, durationMs: 0 }, null],
    ['L7OK 200', { ...check, durationMs: -1 }, null],
    ['paused', { ...check, paused: true }, null],
    ['first one under way', { ...check, result: null }, null],
    ['not checked', null, null],
    ['as b/s', null, 'b/s'],
  ])('%s', (text, told, tracks) => expect(checkText(told, tracks)).toBe(text));

  it.each<[string, Partial<ShownCheck>]>([
    ['', { health: 4 }],
    ['1 of 3 failed', { health: 3 }],
    ['2 of 3 failed', { health: 2 }],
    ['1 of 2 passed', { health: 1 }],
    ['', { health: 0 }],
    ['', { health: 1, paused: true }],
  ])('with how far it is from a change: "%s"', (text, more) => expect(checkProgress({ ...check, ...more })).toBe(text));
});

describe('events', () => {
  it.each([
    ['UP', 'good'],
    ['MASTER', 'good'],
    ['READY', 'good'],
    ['serving', 'good'],
    ['done', 'good'],
    ['DOWN', 'bad'],
    ['FAULT', 'bad'],
    ['died', 'bad'],
    ['refused', 'bad'],
    ['BACKUP', 'idle'],
    ['DRAIN', 'warn'],
    ['MAINT', 'warn'],
  ])('that lead to %s are %s', (to, tone) => {
    expect(eventTone({ wallMs: 0, kind: 'server', subject: 's', to, why: '' })).toBe(tone);
  });
});

describe('a box', () => {
  it('is well, or has complaints', () => {
    expect(healthWord('ok', 0)).toMatchObject({ text: 'all is well', tone: 'good' });
    expect(healthWord('warning', 1)).toMatchObject({ text: '1 complaint', tone: 'warn' });
    expect(healthWord('failed', 3)).toMatchObject({ text: '3 complaints', tone: 'bad' });
  });

  it('has a state in its pair, maybe by hand', () => {
    expect(instanceWord(instanceStatus({ state: 'MASTER' }))).toMatchObject({ text: 'MASTER', tone: 'good' });
    expect(instanceWord(instanceStatus({ state: 'BACKUP', forced: 'backup' }))).toMatchObject({
      text: 'BACKUP (by hand)',
      tone: 'idle',
    });
    expect(instanceWord(instanceStatus({ state: 'FAULT' }))).toMatchObject({ tone: 'bad' });
  });
});
