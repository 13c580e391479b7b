/**
 * The log line of a client that went before it was known who it was (HAProxy: an embryonic session): from where, when, by
 * which listener, why. The default format, which says only who came, does not have it.
 */
import { formatIpv4, formatIpv6 } from '../../core/ip-bytes.ts';
import type { ClientConnection } from '../connection.ts';
import { LOG_DEFAULT } from '../plan.ts';
import { writeTrafficDate } from './date.ts';

const LEVEL_INFO = 6;
const DATE_BYTES = 64;

export function logEarlyEnd(client: ClientConnection, reason: string, nowWallMs: number): void {
  const { frontend, plan, number } = client.listener;
  const { sinks } = frontend;
  if (sinks === null || frontend.plan.trafficLog === LOG_DEFAULT || !sinks.wants(LEVEL_INFO)) return;
  const date = Buffer.alloc(DATE_BYTES);
  const dateLength = writeTrafficDate(date, 0, client.acceptedWallMs);
  const from = client.peerFamily === 0 ? `unix:${number}` : `${ipOf(client)}:${client.peerPort}`;
  const { line } = sinks;
  const text = `${from} [${date.toString('latin1', 0, dateLength)}] ${frontend.plan.name}/${plan.label}: ${reason}`;
  sinks.emit(LEVEL_INFO, line, line.write(text, 'latin1'), nowWallMs);
}

function ipOf({ peerIp4, peerIp6 }: ClientConnection): string {
  if (peerIp6 !== null) return formatIpv6(peerIp6, 0);
  return formatIpv4(
    Uint8Array.from([24, 16, 8, 0], (shift) => peerIp4 >>> shift),
    0,
  );
}
