import type { Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { MailSettings } from '../../src/config/pair-model.ts';
import { letterFor, mailer } from '../../src/daemon/mail.ts';
import { smtpServer } from '../support/smtp-server.ts';

describe('the words', () => {
  it.each([
    ['INSTANCE', 'MASTER', '[box] VRRP Instance VI_1 - Entering MASTER state'],
    ['INSTANCE', 'BACKUP', '[box] VRRP Instance VI_1 - Entering BACKUP state'],
    ['INSTANCE', 'FAULT', '[box] VRRP Instance VI_1 - Entering FAULT state'],
    ['GROUP', 'STOP', '[box] VRRP Group VI_1 - Stopping'],
  ] as const)('%s %s', (kind, state, subject) => {
    expect(letterFor('box', kind, 'VI_1', state)?.subject).toBe(subject);
  });
});

describe('sending', () => {
  let open: Server | null = null;
  afterEach(() => {
    open?.close();
    open = null;
  });

  const settings = (port: number, change: Partial<MailSettings> = {}): MailSettings => ({
    recipients: ['root@example.net', 'ops@example.net'],
    from: 'lb1@example.net',
    server: { host: '127.0.0.1', port },
    connectTimeoutMs: 2000,
    heloName: 'lb1.example.net',
    noFaults: false,
    ...change,
  });

  it('speaks SMTP to the server: who greets, who writes, to whom, what', async () => {
    const { server, port, heard } = await smtpServer();
    open = server;
    const said: string[] = [];
    const say = (text: string) => said.push(text);
    await mailer(settings(port), { info: say, warning: say })({ subject: 'S 1', text: 'T 1\n' });
    expect(said).toEqual([]);
    for (const line of [
      'EHLO lb1.example.net',
      'MAIL FROM:<lb1@example.net>',
      'RCPT TO:<root@example.net>',
      'RCPT TO:<ops@example.net>',
      'Subject: S 1',
      'T 1',
    ]) {
      expect(heard).toContain(line);
    }
  });

  it('a server that is not there is said, not thrown', async () => {
    const { server, port } = await smtpServer();
    await new Promise((resolve) => server.close(resolve));
    const said: string[] = [];
    const say = (text: string) => said.push(text);
    await mailer(settings(port), { info: say, warning: say })({ subject: 'S', text: 'T' });
    expect(said).toEqual([expect.stringContaining(`no mail 'S' through 127.0.0.1:${port}`)]);
  });

  it('without a server or recipients nothing is sent', async () => {
    const journal = { info: () => {}, warning: () => {} };
    await mailer(settings(1, { server: null }), journal)({ subject: 'S', text: 'T' });
    await mailer(settings(1, { recipients: [] }), journal)({ subject: 'S', text: 'T' });
  });
});
