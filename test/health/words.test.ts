import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../src/health/result.ts';
import { downText, type Standing, upText } from '../../src/health/words.ts';

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
