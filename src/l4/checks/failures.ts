/** Which failures of a system call speak of the server, and which of this box. Pure. */
import { errorText } from '../../core/error-text.ts';
import type { Outcome } from './attempt.ts';

/** What the network, or the server, answered: that is a failure of the check. */
const OF_THE_SERVER: ReadonlySet<number> = new Set([
  32, // EPIPE
  71, // EPROTO
  92, // ENOPROTOOPT: an ICMP protocol unreachable
  100, // ENETDOWN
  101, // ENETUNREACH
  103, // ECONNABORTED
  104, // ECONNRESET
  110, // ETIMEDOUT
  111, // ECONNREFUSED
  112, // EHOSTDOWN
  113, // EHOSTUNREACH
]);

/** `connected`: then whatever goes wrong is between the two. */
export function failureOf(thrown: unknown, said: string, connected = false): Outcome {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const errno = 'errno' in error && typeof error.errno === 'number' ? -error.errno : 0;
  const why = errno === 0 || error.name === 'RefusedSocket' ? textOf(error) : errorText(errno);
  return connected || OF_THE_SERVER.has(errno) ? { kind: 'bad', why, said } : { kind: 'unmade', why };
}

/** OpenSSL's messages are of several lines, with where in its source they come from; its reason is `wrong version number`. */
function textOf(error: Error): string {
  return 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
}

export function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
