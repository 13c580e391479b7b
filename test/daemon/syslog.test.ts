import { mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { consoleTime, keepalivedJournal, syslogTime } from '../../src/daemon/syslog.ts';
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from '../../src/sys/constants.ts';
import * as libc from '../../src/sys/libc.ts';
import { allocate } from '../../src/sys/memory.ts';
import { writeSockaddr } from '../../src/sys/sockaddr.ts';

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

it('a syslog that is gone and comes back hears how many lines are missing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-syslog-'));
  const path = join(folder, 'log');
  const memory = allocate(4096);
  const bind = (): number => {
    const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
    expect(libc.bind(fd, memory.address, writeSockaddr(memory.bytes, 0, { family: 'unix', path }))).toBe(0);
    return fd;
  };
  const heard = (fd: number): string => {
    const length = libc.recv(fd, memory.address, 4096, MSG_DONTWAIT);
    return memory.bytes.toString('latin1', 0, Math.max(0, length)).replace(/\[\d+\]/, '');
  };
  const journal = keepalivedJournal({
    syslog: true,
    socket: path,
    facility: 'daemon',
    console: null,
    wallMs: () => AT,
  });
  journal.notice('nobody is there');
  const first = bind();
  journal.notice('a');
  expect(heard(first)).toBe('<28>Nov  5 03:04:09 Keepalived_vrrp: 1 lines are missing here: nobody took them');
  expect(heard(first)).toBe('<30>Nov  5 03:04:09 Keepalived_vrrp: a');
  libc.close(first);
  unlinkSync(path);
  for (const line of ['b', 'c']) journal.notice(line);
  const second = bind();
  journal.alert('d');
  expect(heard(second)).toContain('2 lines are missing here');
  expect(heard(second)).toBe('<27>Nov  5 03:04:09 Keepalived_vrrp: d');
  libc.close(second);
  rmSync(folder, { recursive: true });
});
