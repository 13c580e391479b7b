/** TCP_CHECK: a connection can be made. */
import type { L4Check } from '../../config/l4-model.ts';
import type { CheckHome } from '../check.ts';
import type { Method } from './attempt.ts';
import type { CheckServices } from './check-services.ts';
import { Conversation } from './conversation.ts';
import { judgeStubborn } from './judgement.ts';

export type PlainCheck = L4Check & { readonly kind: 'tcp' | 'ping' };

export function tcpMethod(
  { connection, timing }: PlainCheck,
  { server }: CheckHome,
  { timers }: CheckServices,
): Method {
  const failed = `TCP connection to ${server} failed`;
  const words = { failed, timeout: `TCP connection to ${server} timeout`, broken: failed };
  return {
    countsFromStart: false,
    isStrictAtFirst: true,
    judge: judgeStubborn,
    succeeded: () => `TCP connection to ${server} success.`,
    failed: () => `TCP_CHECK on service ${server}`,
    begin: (end) =>
      new Conversation({
        ...{ connection, timers, words, end },
        connectTimeoutMs: timing.connectTimeoutMs,
        connected: (talk) => talk.end({ kind: 'good', why: 'connected' }),
      }),
  };
}
