/**
 * `set server <b>/<s> addr <ip> [port <port>|+n|-n]`: where a server is, in HAProxy's words of what has changed.
 *
 *   addr                   port
 *   the same, or another   the same, or another; with a sign it is added to the client's port (from then on)
 */
import { isIP } from 'node:net';
import type { InetAddress } from '../../core/address.ts';
import { formatIpv4, formatIpv6, ipv4Bytes, ipv6Bytes } from '../../core/ip-bytes.ts';
import type { ServerRecord } from '../../daemon/server-record.ts';
import type { AdminContext } from '../command.ts';

const BY = " by 'stats socket command'\n";
const NO_MAPPED_CHECKS =
  "can't change <port> to port map because it is incompatible with current health check port configuration " +
  "(use 'port' statement from the 'server' directive.";

/** What comes of it; `address`: null, it stays where it is. */
interface Move {
  readonly text: string;
  readonly address: InetAddress | null;
  readonly portFromClient: boolean;
}

export async function moveServer(
  { board }: AdminContext,
  record: ServerRecord,
  [written = '', word, ...more]: readonly string[],
): Promise<string> {
  if (written === '') return 'set server <b>/<s> addr requires an address and optionally a port.\n';
  const { text, address, portFromClient } = moveTo(record, written, word === 'port' ? (more[0] ?? '') : null);
  if (address !== null) await board.move(record, address, portFromClient);
  return `${text}${BY}`;
}

function moveTo(record: ServerRecord, written: string, port: string | null): Move {
  const { address: now, portFromClient } = record.plan;
  const stays = (text: string): Move => ({ text, address: null, portFromClient });
  const place = placeOf(written);
  if (place === null) return stays(`Invalid addr '${written}'`);
  if (now.family === 'unix' || record.unplaced) {
    return stays('Update for the current server address family is only supported through configuration file');
  }
  const before = canonical(now);
  const isSame = before === canonical(place);
  const text = isSame ? 'no need to change the addr' : `IP changed from '${before}' to '${written}'`;
  const moved = { ...(isSame ? now : place), port: now.port };
  if (port === null) return { text, address: isSame ? null : moved, portFromClient };
  const next = nextPort(record, port);
  if (typeof next === 'string') return { text: `${text}, ${next}`, address: isSame ? null : moved, portFromClient };
  return {
    text: `${text}, ${next.text}`,
    address: isSame && !next.changes ? null : { ...moved, port: next.port },
    portFromClient: next.fromClient,
  };
}

interface NextPort {
  readonly text: string;
  readonly port: number;
  readonly fromClient: boolean;
  readonly changes: boolean;
}

/** A number as far as it goes, modulo 2^16; a text says what is wrong. */
function nextPort({ plan, model, checkPort }: ServerRecord, written: string): NextPort | string {
  const [, sign = '', digits] = /^\s*([+-]?)(\d+)/.exec(written) ?? [];
  if (digits === undefined) return `problem converting port '${written}' to an int`;
  const isMapped = sign !== '' && /^[+-]/.test(written);
  const { portFromClient, address } = plan;
  if (isMapped && !portFromClient && (checkPort ?? model.check.port ?? 0) === 0) return NO_MAPPED_CHECKS;
  const now = address.family === 'unix' ? 0 : address.port & 0xffff;
  const port = Number(BigInt.asUintN(16, BigInt(`${sign === '-' ? '-' : ''}${digits}`)));
  const changes = now !== port || (isMapped && !portFromClient);
  // As in HAProxy: a server that maps ports goes on to do so where the number is the same.
  if (!changes) return { text: 'no need to change the port', port, fromClient: portFromClient, changes };
  const shown = isMapped ? `${sign}${sign === '-' ? -port & 0xffff : port}` : `${port}`;
  const text = `port changed from '${portFromClient ? '+' : ''}${now}' to '${shown}'`;
  return { text, port, fromClient: isMapped, changes };
}

/** `*` is any address of this machine. */
function placeOf(written: string): { readonly family: 4 | 6; readonly ip: string } | null {
  if (written === '*') return { family: 4, ip: '0.0.0.0' };
  const family = isIP(written);
  return family === 0 || written.includes('%') ? null : { family: family === 6 ? 6 : 4, ip: written };
}

function canonical({ family, ip }: { readonly family: 4 | 6; readonly ip: string }): string {
  return family === 4 ? formatIpv4(ipv4Bytes(ip), 0) : formatIpv6(ipv6Bytes(ip), 0);
}
