/** PING_CHECK: an echo request (RFC 792, RFC 4443 4.1) and its reply. The kernel counts its checksum and gives it a number. */
import type { CheckHome } from '../check.ts';
import type { Method, Outcome } from './attempt.ts';
import type { CheckServices } from './check-services.ts';
import { DatagramAttempt } from './datagram-question.ts';
import { judgeUsual } from './judgement.ts';
import { allowEchoSockets } from './ping-permission.ts';
import type { PlainCheck } from './tcp-check.ts';

const HEADER_BYTES = 8;
const TEXT = Buffer.from('tandem check - ');
const DATA_BYTES = 128;
const REQUEST = { 4: 8, 6: 128 } as const;
const REPLY = { 4: 0, 6: 129 } as const;

function echoRequest(family: 4 | 6): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + DATA_BYTES);
  bytes[0] = REQUEST[family];
  bytes.fill(TEXT, HEADER_BYTES);
  return bytes;
}

export function pingMethod({ connection, timing }: PlainCheck, { server }: CheckHome, services: CheckServices): Method {
  const { timers, journal } = services;
  const { family } = connection.address;
  const payload = echoRequest(family);
  const said = `ICMP connection to ${server} failed`;
  const answered = (bytes: Buffer): Outcome => {
    if (bytes[0] === REPLY[family]) return { kind: 'good', why: 'it answers' };
    return { kind: 'bad', said, why: `ICMP packet of type ${bytes[0]}` };
  };
  const silence = (why: string): Outcome => ({
    ...{ kind: 'bad', said: `ICMP connection to address ${server} timeout` },
    why,
  });
  return {
    countsFromStart: false,
    isStrictAtFirst: true,
    judge: judgeUsual,
    succeeded: () => `ICMP connection to ${server} success.`,
    failed: () => `ICMP CHECK on service ${server}`,
    begin: (end) => {
      allowEchoSockets(journal);
      return new DatagramAttempt({
        ...{ connection, timers, said, payload, answered, silence, end },
        kind: 'echo',
        timeoutMs: timing.connectTimeoutMs,
      });
    },
  };
}
