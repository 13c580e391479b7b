import { expect, it } from 'vitest';
import { consoleTime, keepalivedJournal, syslogTime } from '../../src/daemon/syslog.ts';

const AT = new Date(2026, 10, 5, 3, 4, 9).getTime();

it('times are as keepalived and syslog have them', () => {
  expect(syslogTime(AT)).toBe('Nov  5 03:04:09');
  expect(consoleTime(AT)).toBe('Thu Nov  5 03:04:09 2026');
});

it('the console gets every line', () => {
  const lines: string[] = [];
  const journal = keepalivedJournal({
    syslog: false,
    facility: 'daemon',
    console: (line) => lines.push(line),
    wallMs: () => AT,
  });
  journal.notice('(VI_1) Entering MASTER STATE');
  journal.alert('x');
  expect(lines).toEqual(['Thu Nov  5 03:04:09 2026: (VI_1) Entering MASTER STATE\n', 'Thu Nov  5 03:04:09 2026: x\n']);
});
