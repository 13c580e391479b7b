/**
 * UDP_CHECK: a datagram. Without a required reply silence is well: only ICMP says that nobody is there (port, host or network
 * unreachable; for the host it takes as long as ARP does).
 */
import type { L4Check, UdpReply } from '../../config/l4-model.ts';
import type { CheckHome } from '../check.ts';
import type { Method, Outcome } from './attempt.ts';
import type { CheckServices } from './check-services.ts';
import { DatagramAttempt } from './datagram-question.ts';
import { judgeUsual } from './judgement.ts';

export type UdpCheck = L4Check & { readonly kind: 'udp' };

/** Something, when nothing is said: it tells who reads it where it comes from. */
const ARBITRARY = Buffer.from('tandem check - tandem check - te');

/** null: it is as it should be. Of a shorter reply what is there is compared, as in keepalived. */
function wrongWith(bytes: Uint8Array, { leastBytes, mostBytes, pattern }: UdpReply): string | null {
  if (bytes.length < leastBytes) return `a reply of ${bytes.length} bytes, at least ${leastBytes} expected`;
  if (bytes.length > mostBytes) return `a reply of ${bytes.length} bytes, at most ${mostBytes} expected`;
  const digits = Buffer.from(bytes).toString('hex', 0, pattern.length / 2);
  for (let i = 0; i < digits.length; i++) {
    if (pattern[i] !== 'x' && pattern[i] !== digits[i])
      return `byte ${i >> 1} of the reply is ${digits.slice(i & ~1, (i & ~1) + 2)}, ${pattern.slice(i & ~1, (i & ~1) + 2)} expected`;
  }
  return null;
}

export function udpMethod(check: UdpCheck, { server }: CheckHome, { timers }: CheckServices): Method {
  const { connection, timing, payload, reply } = check;
  const said = `UDP connection to ${server} failed`;
  const answered = (bytes: Buffer): Outcome => {
    const wrong = reply === null ? null : wrongWith(bytes, reply);
    if (wrong === null) return { kind: 'good', why: `a reply of ${bytes.length} bytes` };
    return { kind: 'bad', said: `UDP check to ${server} reply data mismatch`, why: wrong };
  };
  const silence = (why: string): Outcome =>
    reply === null ? { kind: 'good', why: 'nobody says that it is not there' } : { kind: 'bad', said, why };
  return {
    countsFromStart: false,
    isStrictAtFirst: true,
    judge: judgeUsual,
    succeeded: () => `UDP connection to ${server} success.`,
    failed: () => `UDP_CHECK on service ${server}`,
    begin: (end) =>
      new DatagramAttempt({
        ...{ connection, timers, said, answered, silence, end },
        kind: 'datagram',
        payload: payload ?? ARBITRARY,
        timeoutMs: timing.connectTimeoutMs,
      }),
  };
}
