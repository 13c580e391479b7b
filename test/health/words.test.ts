import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../src/health/result.ts';
import { checkText, leftText, onlineText, type Standing, serverName, statusText } from '../../src/health/words.ts';

const standing: Standing = {
  backend: 'web',
  server: 's2',
  isBackup: false,
  activeServers: 1,
  backupServers: 0,
  sessions: 0,
  requeued: 0,
  queued: 0,
};
const refused: CheckResult = { result: 'L4CON', status: 0, info: 'Connection refused', durationMs: 0.7 };

const downText = (where: Standing, result: CheckResult): string =>
  `${serverName(where)} is DOWN${statusText(result, null)}. ${leftText(where)}`;
const upText = (where: Standing, result: CheckResult): string =>
  `${serverName(where)} is UP${statusText(result, null)}. ${onlineText(where)}`;

describe('a server that goes down', () => {
  it.each([
    [
      'connection refused',
      standing,
      refused,
      'Server web/s2 is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. ' +
        '1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
    ],
    [
      'a status that was not wanted, the last but the backup',
      { ...standing, activeServers: 0, backupServers: 1, sessions: 3, requeued: 4, queued: 5 },
      { result: 'L7STS', status: 500, info: 'Internal Server Error', durationMs: 1 },
      'Server web/s2 is DOWN, reason: Layer7 wrong status, code: 500, info: "Internal Server Error", check duration: 1ms. ' +
        '0 active and 1 backup servers left. Running on backup. 3 sessions active, 4 requeued, 5 remaining in queue.',
    ],
    [
      'a backup server, no words from it',
      { ...standing, isBackup: true, activeServers: 0 },
      { result: 'L7TOUT', status: 0, info: '', durationMs: 400 },
      'Backup Server web/s2 is DOWN, reason: Layer7 timeout, check duration: 400ms. ' +
        '0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
    ],
  ] as const)('%s', (_, where, result, expected) => {
    expect(downText(where, result)).toBe(expected);
  });

  it("cannot break the line or the quotes with a server's words", () => {
    const text = downText(standing, { ...refused, info: 'Not "Found"\n<x> \u00e4' });
    expect(text).toContain('info: "Not <22>Found<22><0A><3C>x<3E> <E4>"');
  });

  it('keeps 127 characters of them', () => {
    const text = downText(standing, { ...refused, info: 'x'.repeat(300) });
    expect(/info: "(x*)"/.exec(text)?.[1]).toHaveLength(127);
  });
});

describe('a server that comes up', () => {
  it('gives the status that it answered with', () => {
    const result: CheckResult = { result: 'L7OK', status: 200, info: '', durationMs: 2 };
    expect(upText({ ...standing, activeServers: 2 }, result)).toBe(
      'Server web/s2 is UP, reason: Layer7 check passed, code: 200, check duration: 2ms. ' +
        '2 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
    );
  });

  it('has no code after a TCP check', () => {
    const result: CheckResult = { result: 'L4OK', status: 0, info: '', durationMs: 0 };
    expect(upText(standing, result)).toContain('reason: Layer4 check passed, check duration: 0ms.');
  });
});

describe('what follows the news', () => {
  it.each([
    ['somebody’s word', 'changed from CLI', 'b/s', ', changed from CLI'],
    ['another server', null, 'b/s', ' via b/s'],
    ['nothing', null, null, ''],
    [
      'traffic, which takes no time',
      { result: 'HANA', status: 0, info: 'Detected 3', durationMs: -1 },
      null,
      ', reason: Health analyze, info: "Detected 3"',
    ],
    [
      'a program',
      { result: 'PROCERR', status: 3, info: '', durationMs: 7 },
      null,
      ', reason: External check error, code: 3, check duration: 7ms',
    ],
  ] as const)('is %s', (_, reason, via, expected) => {
    expect(statusText(reason, via)).toBe(expected);
  });
});

describe('a single result', () => {
  const judged = {
    backend: 'b',
    server: 's',
    isBackup: false,
    isAgent: false,
    health: 4,
    rise: 2,
    fall: 3,
    drains: false,
  };
  it.each([
    [
      judged,
      'L4OK',
      'Health check for server b/s succeeded, reason: Layer4 check passed, check duration: 1ms, status: 3/3 UP.',
    ],
    [
      { ...judged, isBackup: true, drains: true },
      'L7OKC',
      'Health check for backup server b/s conditionally succeeded, reason: Layer7 check conditionally passed, code: 0, ' +
        'check duration: 1ms, status: 3/3 DRAIN.',
    ],
    [
      { ...judged, isAgent: true, health: 0, rise: 1, fall: 1 },
      'L7STS',
      'Agent check for server b/s failed, reason: Layer7 wrong status, code: 0, check duration: 1ms, status: 0/1 DOWN.',
    ],
  ] as const)('%j %s', (whose, result, expected) => {
    expect(checkText(whose, { result, status: 0, info: '', durationMs: 1 })).toBe(expected);
  });
});
