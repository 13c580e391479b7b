/** DNS_CHECK: a question over UDP, answered without an error, whatever with. */
import type { L4Check } from '../../config/l4-model.ts';
import type { CheckHome } from '../check.ts';
import type { Method, Outcome } from './attempt.ts';
import type { CheckServices } from './check-services.ts';
import { DatagramAttempt } from './datagram-question.ts';
import { dnsQuestion, dnsResult } from './dns-message.ts';
import { judgeUsual } from './judgement.ts';

export type DnsCheck = L4Check & { readonly kind: 'dns' };

const IDS = 65_536;

export function dnsMethod(check: DnsCheck, { server }: CheckHome, { timers, random }: CheckServices): Method {
  const { connection, timing, type, name } = check;
  const bad = (words: string, why: string): Outcome => ({ kind: 'bad', said: `DNS_CHECK (${server}) ${words}`, why });
  const silence = (why: string): Outcome => bad('read timeout from socket', why);
  return {
    countsFromStart: false,
    isStrictAtFirst: true,
    judge: judgeUsual,
    succeeded: () => `DNS_CHECK (${server}) success.`,
    failed: () => `DNS_CHECK (${server})`,
    begin: (end) => {
      const id = Math.floor(random.next() * IDS);
      const answered = (message: Buffer): Outcome | null => {
        const result = dnsResult(id, message);
        if (result === null) return null;
        if (result === 'NOERROR') return { kind: 'good', why: result };
        return bad('read error occurred', `${result} to ${name} ${type}`);
      };
      return new DatagramAttempt({
        ...{ connection, timers, answered, silence, end },
        kind: 'datagram',
        payload: dnsQuestion(id, name, type),
        timeoutMs: timing.connectTimeoutMs,
        said: `DNS_CHECK (${server}) connection failure`,
      });
    },
  };
}
