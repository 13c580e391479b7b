/**
 * The log line of a client that went before it was known who it was (HAProxy: an embryonic session): from where, when, by
 * which listener, why; or in the frontend's `error-log-format`. The default format, which says only who came, has no line.
 */

import { formatIpv4, formatIpv6 } from '../core/ip-bytes.ts';
import { ChunkedBody } from '../http1/chunked.ts';
import type { ClientConnection } from './connection.ts';
import { writeTrafficDate } from './log/date.ts';
import { LOG_DEFAULT } from './plan.ts';
import { CAUSE_PROXY, PHASE_REQUEST, Stream, type StreamOwner } from './stream.ts';
import type { TrafficLog } from './traffic-log.ts';

const LEVEL_ERROR = 3;
const LEVEL_INFO = 6;
const DATE_BYTES = 64;
/** Nothing will become of the stream that stands for it in formats. */
const NOBODY: StreamOwner = {
  onServerReady: () => {},
  onServerUnavailable: () => {},
  onServerRedirects: () => false,
};

export function logEarlyEnd(client: ClientConnection, reason: string, log: TrafficLog | null, nowWallMs: number): void {
  const { frontend, plan, number } = client.listener;
  const { sinks, logging } = frontend;
  if (sinks === null) return;
  if (log !== null && logging !== null && (logging.errors ?? logging.json) !== null) {
    log.ended(standIn(client));
    return;
  }
  const level = logging?.plan.raisesErrors === true ? LEVEL_ERROR : LEVEL_INFO;
  if (frontend.plan.trafficLog === LOG_DEFAULT || !sinks.wants(level)) return;
  const date = Buffer.alloc(DATE_BYTES);
  const dateLength = writeTrafficDate(date, 0, client.acceptedWallMs);
  const from = client.peerFamily === 0 ? `unix:${number}` : `${ipOf(client)}:${client.peerPort}`;
  const { line } = sinks;
  const text = `${from} [${date.toString('latin1', 0, dateLength)}] ${frontend.plan.name}/${plan.label}: ${reason}`;
  sinks.emit(level, line, line.write(text, 'latin1'), nowWallMs);
}

function standIn(client: ClientConnection): Stream {
  const { frontend } = client.listener;
  const stream = new Stream(NOBODY, client, frontend, new ChunkedBody(), new ChunkedBody(), Buffer.alloc(0));
  stream.reset(NOBODY, client, frontend);
  stream.startedMs = client.acceptedMs;
  stream.badRequest = true;
  stream.blame(CAUSE_PROXY, PHASE_REQUEST);
  // It is no probe that nobody wants to hear of: that was asked before.
  stream.bytesIn = 1;
  return stream;
}

function ipOf({ peerIp4, peerIp6 }: ClientConnection): string {
  if (peerIp6 !== null) return formatIpv6(peerIp6, 0);
  return formatIpv4(
    Uint8Array.from([24, 16, 8, 0], (shift) => peerIp4 >>> shift),
    0,
  );
}
