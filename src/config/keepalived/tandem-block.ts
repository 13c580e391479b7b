/**
 * `tandem { … }`: what keepalived has no word for. At top level it is for every instance; in a vrrp_instance, for that one
 * instead.
 *
 *   tandem {
 *     lease 3                            # seconds an address outlives a program that hangs; `lease off`
 *     track_data_process on grace 2      # on by itself; `off`
 *     track_proxy web weight 10
 *     track_backend app min_up 2
 *     track_virtual_server 192.0.2.1 80 weight -50
 *     http 127.0.0.1:8405                # status, dashboard and metrics; at top level only
 *     ip_forward on                      # this box routes, for servers with NAT; at top level only
 *     virtual_servers_at_stop keep       # the kernel goes on balancing when we end; at top level only
 *     socket /run/tandem/admin.sock mode 660 group ops      # a stats socket; at top level only
 *   }
 */
import { HTTP_ADDRESS_HINT, httpAddress } from '../http-address.ts';
import type { StatsSocket } from '../model.ts';
import type { BackendTrack, HttpListen, ProxyTrack, VirtualServerTrack } from '../pair-model.ts';
import { type Draft, keywordTable, several, supported } from './keyword.ts';
import type { Statement } from './statement.ts';
import { readSocket } from './tandem-socket.ts';
import { readVirtualServerTrack, type VirtualServerTrackDraft } from './tandem-virtual-server.ts';
import { readInteger, readSeconds } from './values.ts';

export interface TandemDraft extends Draft {
  /** undefined: not said; null: off. */
  leaseMs: number | null | undefined;
  dataProcess: { readonly weight: number; readonly graceMs: number } | null | undefined;
  proxies: ProxyTrack[];
  backends: BackendTrack[];
  readonly namedVirtualServers: VirtualServerTrackDraft[];
  /** The same, found in the file: once all of it is read. */
  virtualServers: readonly VirtualServerTrack[];
  http: HttpListen[];
  sockets: StatsSocket[];
  setsForwarding: boolean;
  keepsVirtualServers: boolean;
  /** It is inside of a vrrp_instance. */
  readonly inInstance: boolean;
}

/** The kernel counts lifetimes in seconds and looks about once a second. */
export const DEFAULT_LEASE_MS = 3000;
/** How long the data process may be away: it is started again within less. */
export const DEFAULT_GRACE_MS = 1000;

export function newTandemDraft(statement: Statement, inInstance: boolean): TandemDraft {
  const lists = { proxies: [], backends: [], namedVirtualServers: [], virtualServers: [], http: [], sockets: [] };
  const l4 = { setsForwarding: false, keepsVirtualServers: false };
  return { statement, said: new Map(), leaseMs: undefined, dataProcess: undefined, ...lists, ...l4, inInstance };
}

const FAULT = 'without weight its failure is a FAULT';

export const TANDEM_KEYWORDS = keywordTable<TandemDraft>('tandem', 'in tandem', [
  supported(
    'lease',
    '<seconds|off>',
    `default ${DEFAULT_LEASE_MS / 1000}: the kernel takes an address away that is not renewed`,
    readLease,
  ),
  supported(
    'track_data_process',
    '<on|off> ...',
    `[weight N] [grace SECONDS]; default on, grace ${DEFAULT_GRACE_MS / 1000}: the proxies' process lives and its loops turn; ${FAULT}`,
    readDataProcess,
  ),
  several(
    'track_proxy',
    '<name> ...',
    `[weight N]: that frontend or listen has its listeners open; ${FAULT}`,
    readProxy,
  ),
  several(
    'track_backend',
    '<name> ...',
    `[min_up N] [weight N]: at least N (default 1) servers of it are up; ${FAULT}`,
    readBackend,
  ),
  several(
    'track_virtual_server',
    '<ip|fwmark|group> ...',
    `the words behind virtual_server, then [protocol tcp|udp|sctp] [weight N]: it has its quorum on this box; ${FAULT}`,
    (s, tandem) => {
      const track = readVirtualServerTrack(s);
      if (track !== null) tandem.namedVirtualServers.push(track);
    },
  ),
  several(
    'http',
    '<address:port> [admin]',
    'status page, dashboard, metrics; at top level only; with admin servers may be changed there',
    readHttp,
  ),
  several(
    'socket',
    '<path> ...',
    '[mode N] [user U] [group G] [level user|operator|admin]: a stats socket, see stats-socket.md; mode 600 and level admin by default; at top level only',
    readOwnSocket,
  ),
  supported(
    'ip_forward',
    '<on|off>',
    'default off; at top level only: forwarding is switched on at the start, for the families of virtual servers; virtual servers with NAT need it',
    (s, tandem) => {
      const word = readTopWord(s, tandem, ['on', 'off']);
      if (word !== null) tandem.setsForwarding = word === 'on';
    },
  ),
  supported(
    'virtual_servers_at_stop',
    '<remove|keep>',
    'default remove; at top level only; keep: at the end of the program the kernel goes on balancing as it does then',
    (s, tandem) => {
      const word = readTopWord(s, tandem, ['remove', 'keep']);
      if (word !== null) tandem.keepsVirtualServers = word === 'keep';
    },
  ),
]);

/** null: reported. */
function readTopWord<Word extends string>(s: Statement, tandem: TandemDraft, words: readonly Word[]): Word | null {
  const word = words.find((one) => one === s.text(1));
  if (tandem.inInstance) misplaced(s);
  else if (word === undefined) s.error(1, 'bad-value', `'${s.text(1)}' is none of ${words.join(', ')}`);
  else return word;
  return null;
}

function misplaced(s: Statement): void {
  s.error(0, 'misplaced-keyword', `'${s.keyword}' is for the whole program`, 'write it at top level');
}

function readLease(s: Statement, tandem: TandemDraft): void {
  if (s.text(1) === 'off') tandem.leaseMs = null;
  else {
    const seconds = readInteger(s, 1, 2, 3600);
    if (seconds !== null) tandem.leaseMs = seconds * 1000;
  }
}

function readDataProcess(s: Statement, tandem: TandemDraft): void {
  const options = readOptions(s, ['weight', 'grace']);
  if (options === null) return;
  if (s.text(1) === 'off') tandem.dataProcess = null;
  else if (s.text(1) !== 'on') s.error(1, 'bad-switch', `'${s.text(1)}' is neither on nor off`);
  else tandem.dataProcess = { weight: options.weight ?? 0, graceMs: options.grace ?? DEFAULT_GRACE_MS };
}

function readProxy(s: Statement, tandem: TandemDraft): void {
  const options = readOptions(s, ['weight']);
  const name = s.text(1);
  if (options === null || known(s, tandem.proxies)) return;
  tandem.proxies.push({ origin: s.origin, name, weight: options.weight ?? 0 });
}

function readBackend(s: Statement, tandem: TandemDraft): void {
  const options = readOptions(s, ['weight', 'min_up']);
  const name = s.text(1);
  if (options === null || known(s, tandem.backends)) return;
  tandem.backends.push({ origin: s.origin, name, minUp: options.min_up ?? 1, weight: options.weight ?? 0 });
}

function readHttp(s: Statement, tandem: TandemDraft): void {
  const address = httpAddress(s.text(1));
  if (tandem.inInstance) misplaced(s);
  else if (address === null) s.error(1, 'bad-address', `'${s.text(1)}' is no address to listen on`, HTTP_ADDRESS_HINT);
  else if (s.has(2) && s.text(2) !== 'admin')
    s.error(2, 'unknown-keyword', `unknown word '${s.text(2)}'`, 'there is admin');
  else tandem.http.push({ origin: s.origin, address, admin: s.has(2) });
}

function readOwnSocket(s: Statement, tandem: TandemDraft): void {
  if (tandem.inInstance) {
    misplaced(s);
    return;
  }
  const socket = readSocket(s);
  if (socket !== null) tandem.sockets.push(socket);
}

function known(s: Statement, list: readonly { readonly name: string }[]): boolean {
  if (!list.some(({ name }) => name === s.text(1))) return false;
  s.warning(1, 'repeated-name', `'${s.text(1)}' is tracked already; this line is left out`);
  return true;
}

type OptionName = 'weight' | 'grace' | 'min_up';

/** Pairs of a word and its value, from the second argument on. */
function readOptions(s: Statement, allowed: readonly OptionName[]): Partial<Record<OptionName, number>> | null {
  const options: Partial<Record<OptionName, number>> = {};
  for (let at = 2; s.has(at); at += 2) {
    const word = allowed.find((name) => name === s.text(at));
    if (word === undefined) {
      s.error(at, 'unknown-keyword', `unknown word '${s.text(at)}'`, `there is ${allowed.join(', ')}`);
      return null;
    }
    const value = readOption(s, word, at + 1);
    if (value === null) return null;
    options[word] = value;
  }
  return options;
}

function readOption(s: Statement, word: OptionName, at: number): number | null {
  switch (word) {
    case 'weight':
      return readInteger(s, at, -253, 253);
    case 'grace':
      return readSeconds(s, at, 0, 3600);
    case 'min_up':
      return readInteger(s, at, 1, 65_535);
  }
}
