/** `smtp_alert` of virtual servers and their real servers, in keepalived's words; why a check failed stands below. */
import type { L4Check } from '../config/l4-model.ts';

export interface L4Letter {
  readonly subject: string;
  readonly text: string;
}

export function serverLetter(routerId: string, server: string, service: string, state: string, text: string): L4Letter {
  return { subject: `[${routerId}] Realserver ${server} of virtual server ${service} - ${state}`, text };
}

export function serviceLetter(routerId: string, service: string, state: string, text: string): L4Letter {
  return { subject: `[${routerId}] Virtualserver ${service} - ${state}`, text };
}

/** null: no mails about this kind of check. */
export function checkText(kind: L4Check['kind'], isUp: boolean, why: string): string | null {
  const line = checkLine(kind, isUp, why);
  if (line === null) return null;
  return why === '' || isUp ? `=> ${line} <=\n` : `=> ${line} <=\n\n${why}\n`;
}

function checkLine(kind: L4Check['kind'], isUp: boolean, why: string): string | null {
  const verdict = isUp ? 'succeed' : 'failed';
  switch (kind) {
    case 'tcp':
      return `TCP CHECK ${verdict} on service`;
    case 'udp':
      return `UDP CHECK ${verdict} on service`;
    case 'ping':
      return `ICMP CHECK ${verdict} on service`;
    case 'dns':
      return `DNS_CHECK: ${verdict} on service`;
    case 'smtp':
      return `CHECK ${verdict} on service`;
    case 'http':
    case 'https':
      return isUp ? 'CHECK succeed on service' : 'CHECK failed on service : HTTP request failed';
    case 'misc':
      if (isUp) return 'MISC CHECK succeeded on service';
      return `MISC CHECK ${why.includes('timed out') ? 'timed out' : 'failed'} on service`;
    case 'file':
      return null;
  }
}
