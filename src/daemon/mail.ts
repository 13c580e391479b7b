/** `smtp_alert`: a mail about a change of state, in keepalived's words, by nodemailer. Loaded where it is used. */
import { hostname } from 'node:os';
import type { MailSettings } from '../config/pair-model.ts';
import type { NotifyState } from '../vrrp/election-types.ts';
import type { VrrpJournal } from '../vrrp/journal.ts';

export interface Letter {
  readonly subject: string;
  readonly text: string;
}

export type SendMail = (letter: Letter) => Promise<void>;

/** null: this state is not written home about. */
export function letterFor(
  routerId: string,
  kind: 'INSTANCE' | 'GROUP',
  name: string,
  state: NotifyState,
): Letter | null {
  const what = kind === 'INSTANCE' ? 'Instance' : 'Group';
  switch (state) {
    case 'MASTER':
      return {
        subject: `[${routerId}] VRRP ${what} ${name} - Entering MASTER state`,
        text: `=> VRRP ${what} is now owning VRRP VIPs <=\n`,
      };
    case 'BACKUP':
      return {
        subject: `[${routerId}] VRRP ${what} ${name} - Entering BACKUP state`,
        text: `=> VRRP ${what} is nolonger owning VRRP VIPs <=\n`,
      };
    case 'FAULT':
      return {
        subject: `[${routerId}] VRRP ${what} ${name} - Entering FAULT state`,
        text: `=> VRRP ${what} is nolonger owning VRRP VIPs <=\n`,
      };
    case 'STOP':
      return {
        subject: `[${routerId}] VRRP ${what} ${name} - Stopping`,
        text: `=> VRRP ${what} stopping <=\n`,
      };
  }
}

/** Never rejects: what could not be sent is said. */
export function mailer(settings: MailSettings, journal: VrrpJournal): SendMail {
  const { server, recipients } = settings;
  if (server === null || recipients.length === 0) return async () => {};
  return async ({ subject, text }) => {
    try {
      const { createTransport } = await import('nodemailer');
      const transport = createTransport({
        host: server.host,
        port: server.port,
        secure: false,
        // keepalived's servers are on this box, or on this LAN, with whatever certificate.
        ignoreTLS: true,
        name: settings.heloName ?? hostname(),
        connectionTimeout: settings.connectTimeoutMs,
        greetingTimeout: settings.connectTimeoutMs,
        socketTimeout: settings.connectTimeoutMs,
      });
      await transport.sendMail({ from: settings.from, to: [...recipients], subject, text });
      transport.close();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      journal.warning(`no mail '${subject}' through ${server.host}:${server.port}: ${why}`);
    }
  };
}
