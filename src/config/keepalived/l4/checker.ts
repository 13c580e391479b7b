/**
 * Checks of real servers: `TCP_CHECK { … }` and its like. A check is a draft until its server is complete: what it does not
 * say (timing, address, virtualhost) is said there, or in the virtual server.
 *
 * Not here: HTTP_GET and SSL_GET (http-checker.ts), timing (timing.ts).
 */
import type { InetAddress } from '../../../core/address.ts';
import { type CheckConnection, DNS_TYPES, type DnsType, type L4Check, type UdpReply } from '../../l4-model.ts';
import type { ScriptCommand, TrackedFile } from '../../pair-model.ts';
import { nearestWord } from '../../suggest.ts';
import {
  applyBlock,
  block,
  type Draft,
  ignored,
  type Keyword,
  type KeywordTable,
  keywordTable,
  once,
  supported,
  unsupported,
} from '../keyword.ts';
import { readCommand } from '../script-command.ts';
import type { Statement } from '../statement.ts';
import { familyOf, readInteger, readInterface, readIp } from '../values.ts';
import { newTiming, resolveTiming, type TimingDefaults, type TimingDraft, timingKeywords, USUAL } from './timing.ts';

/** What surrounds a check. */
export interface CheckHome {
  /** Of the real server and the virtual server, the nearest first. */
  readonly timings: readonly TimingDraft[];
  readonly address: InetAddress;
  /** `virtualhost` of the two. */
  readonly virtualHost: string | null;
  /** What FILE_CHECK may name. */
  readonly files: readonly TrackedFile[];
}

/** null: something of it was wrong, and reported. */
export type CheckDraft = (home: CheckHome) => L4Check | null;

export interface ConnectionDraft extends Draft {
  readonly timing: TimingDraft;
  ip: { readonly family: 4 | 6; readonly ip: string } | null;
  port: number | null;
  fromIp: string | null;
  fromPort: number | null;
  device: string | null;
  mark: number | null;
}

export function newConnectionDraft(statement: Statement): ConnectionDraft {
  return {
    statement,
    said: new Map(),
    timing: newTiming(),
    ip: null,
    port: null,
    fromIp: null,
    fromPort: null,
    device: null,
    mark: null,
  };
}

export function connectionKeywords<T extends ConnectionDraft>(): Keyword<T>[] {
  return [
    supported('connect_ip', '<ip>', 'default: the server', (s, check) => {
      check.ip = readIp(s, 1) ?? check.ip;
    }),
    supported('connect_port', '<port>', 'default: the server’s', (s, check) => {
      check.port = readInteger(s, 1, 1, 65_535) ?? check.port;
    }),
    supported('bindto', '<ip>', 'where it leaves from', (s, check) => {
      check.fromIp = readIp(s, 1)?.ip ?? check.fromIp;
    }),
    supported('bind_port', '<port>', 'the port that it leaves from', (s, check) => {
      check.fromPort = readInteger(s, 1, 1, 65_535) ?? check.fromPort;
    }),
    supported('bind_if', '<interface>', 'the interface that it leaves by', (s, check) => {
      check.device = readInterface(s, 1) ?? check.device;
    }),
    supported('fwmark', '<number>', 'mark of its packets', (s, check) => {
      check.mark = readInteger(s, 1, 0, 4_294_967_295) ?? check.mark;
    }),
    ...timingKeywords<T>(0),
  ];
}

/** Reports a check of a server of which no port is known. */
export function connectionOf(check: ConnectionDraft, home: CheckHome, needsPort = true): CheckConnection | null {
  const { ip, family } = check.ip ?? home.address;
  const port = check.port ?? home.address.port;
  if (needsPort && port === 0) {
    const message = `${check.statement.keyword} of a server without a port needs one`;
    check.statement.error(0, 'missing-keyword', message, 'connect_port 80');
    return null;
  }
  if (family === 6 && isLinkLocal(ip) && check.device === null) {
    const at = check.said.get('connect_ip') ?? check.statement;
    at.error(1, 'missing-keyword', `'${ip}' is an address of a link: which one?`, 'bind_if INTERFACE');
  }
  if (check.fromIp !== null && familyOf(check.fromIp) !== family)
    check.said.get('bindto')?.error(1, 'mixed-families', `connections to '${ip}' cannot leave from IPv${10 - family}`);
  const from = check.fromIp === null && check.fromPort === null ? null : fromOf(check, family);
  return { address: { family, ip, port }, from, interface: check.device, mark: check.mark === 0 ? null : check.mark };
}

function isLinkLocal(ip: string): boolean {
  return /^fe[89ab]/i.test(ip);
}

function fromOf({ fromIp, fromPort }: ConnectionDraft, family: 4 | 6): CheckConnection['from'] {
  return { ip: fromIp ?? (family === 4 ? '0.0.0.0' : '::'), port: fromPort ?? 0 };
}

export function timingOf(check: { readonly timing: TimingDraft }, home: CheckHome, usual: TimingDefaults = USUAL) {
  return resolveTiming([check.timing, ...home.timings], usual);
}

const CONNECTION_KEYWORDS = keywordTable<ConnectionDraft>(
  'TCP_CHECK, PING_CHECK',
  'in this check',
  connectionKeywords(),
);

export function readPlainCheck(s: Statement, kind: 'tcp' | 'ping'): CheckDraft {
  const check = newConnectionDraft(s);
  applyBlock(CONNECTION_KEYWORDS, s.children, check);
  return (home) => {
    const connection = connectionOf(check, home, kind === 'tcp');
    return connection === null ? null : { origin: s.origin, kind, connection, timing: timingOf(check, home) };
  };
}

interface SmtpDraft extends ConnectionDraft {
  heloName: string;
}

const SMTP_KEYWORDS = keywordTable<SmtpDraft>('SMTP_CHECK', 'in SMTP_CHECK', [
  ...connectionKeywords<SmtpDraft>(),
  supported('helo_name', '<name>', 'default smtpchecker.keepalived.org', (s, check) => {
    check.heloName = s.text(1);
  }),
  ...unsupported<SmtpDraft>('write a SMTP_CHECK for each', 'host'),
]);

const SMTP_PORT = 25;

export function readSmtpCheck(s: Statement): CheckDraft {
  const check: SmtpDraft = { ...newConnectionDraft(s), heloName: 'smtpchecker.keepalived.org' };
  applyBlock(SMTP_KEYWORDS, s.children, check);
  return (home) => {
    const port = home.address.port === 0 ? SMTP_PORT : home.address.port;
    const connection = connectionOf(check, { ...home, address: { ...home.address, port } });
    if (connection === null) return null;
    return { origin: s.origin, kind: 'smtp', connection, heloName: check.heloName, timing: timingOf(check, home) };
  };
}

interface DnsDraft extends ConnectionDraft {
  type: DnsType;
  name: string;
}

const DNS_KEYWORDS = keywordTable<DnsDraft>('DNS_CHECK', 'in DNS_CHECK', [
  ...connectionKeywords<DnsDraft>(),
  supported('type', '<type>', `default SOA; ${DNS_TYPES.join(', ')}`, (s, check) => {
    const type = DNS_TYPES.find((one) => one === s.text(1).toUpperCase());
    if (type === undefined) s.error(1, 'bad-value', `there is no type '${s.text(1)}'`, DNS_TYPES.join(', '));
    else check.type = type;
  }),
  once(
    supported('name', '<name>', 'default .', (s, check) => {
      if (isDnsName(s.text(1))) check.name = s.text(1);
      else s.error(1, 'bad-value', `'${s.text(1)}' has a part that is empty or too long`, 'www.example.com');
    }),
  ),
]);

/** RFC 1035 2.3.4: parts of 1 to 63 bytes, 255 in all. */
function isDnsName(name: string): boolean {
  const lengths = name
    .replace(/\.$/, '')
    .split('.')
    .map((part) => Buffer.byteLength(part));
  return name === '.' || (Buffer.byteLength(name) <= 253 && lengths.every((length) => length > 0 && length <= 63));
}

export function readDnsCheck(s: Statement): CheckDraft {
  const check: DnsDraft = { ...newConnectionDraft(s), type: 'SOA', name: '.' };
  applyBlock(DNS_KEYWORDS, s.children, check);
  return (home) => {
    const connection = connectionOf(check, home);
    const timing = timingOf(check, home, { retries: 3, retryDelayMs: null });
    const { type, name } = check;
    return connection === null ? null : { origin: s.origin, kind: 'dns', connection, type, name, timing };
  };
}

interface UdpDraft extends ConnectionDraft {
  payload: string | null;
  reply: string | null;
  leastBytes: number;
  mostBytes: number | null;
}

const MOST_BYTES = 65_535;
const USUAL_BYTES = 255;

const UDP_KEYWORDS = keywordTable<UdpDraft>('UDP_CHECK', 'in UDP_CHECK', [
  ...connectionKeywords<UdpDraft>(),
  supported('payload', '<hex> ...', 'what is sent; default: something', (s, check) => {
    check.payload = readHex(s, false) ?? check.payload;
  }),
  supported('require_reply', '[hex] ...', 'an x stands for any digit', (s, check) => {
    check.reply = readHex(s, true) ?? check.reply;
  }),
  supported('min_reply_length', '<bytes>', 'default 0', (s, check) => {
    check.leastBytes = readInteger(s, 1, 0, MOST_BYTES) ?? check.leastBytes;
  }),
  supported('max_reply_length', '<bytes>', 'default 255; any length when no reply is described', (s, check) => {
    check.mostBytes = readInteger(s, 1, 0, MOST_BYTES) ?? check.mostBytes;
  }),
]);

export function readUdpCheck(s: Statement): CheckDraft {
  const check: UdpDraft = { ...newConnectionDraft(s), payload: null, reply: null, leastBytes: 0, mostBytes: null };
  applyBlock(UDP_KEYWORDS, s.children, check);
  // keepalived looks at the length of what it looks at alone.
  const mostBytes = check.mostBytes ?? (check.reply === '' ? MOST_BYTES : USUAL_BYTES);
  if (check.leastBytes > mostBytes) s.error(0, 'bad-value', 'min_reply_length is more than max_reply_length');
  return (home) => {
    const connection = connectionOf(check, home);
    if (connection === null) return null;
    const { payload, reply: pattern, leastBytes } = check;
    const reply: UdpReply | null = pattern === null ? null : { leastBytes, mostBytes, pattern };
    const bytes = payload === null ? null : new Uint8Array(Buffer.from(payload, 'hex'));
    return { origin: s.origin, kind: 'udp', connection, payload: bytes, reply, timing: timingOf(check, home) };
  };
}

/** keepalived's free format: of each word pairs of digits, a single one at its end has a 0 before it. */
function readHex(s: Statement, allowsAny: boolean): string | null {
  const words = s.words.slice(1).map(({ text }) => text.toLowerCase());
  const bad = words.findIndex((word) => !(allowsAny ? /^[0-9a-fx]+$/ : /^[0-9a-f]+$/).test(word));
  if (bad === -1)
    return words.map((word) => (word.length % 2 === 0 ? word : `${word.slice(0, -1)}0${word.slice(-1)}`)).join('');
  s.error(bad + 1, 'bad-value', `'${s.text(bad + 1)}' is not made of hexadecimal digits`);
  return null;
}

interface MiscDraft extends Draft {
  readonly timing: TimingDraft;
  command: ScriptCommand | null;
  timeoutMs: number | null;
  isDynamic: boolean;
  user: string | null;
  group: string | null;
}

const MISC_KEYWORDS = keywordTable<MiscDraft>('MISC_CHECK', 'in MISC_CHECK', [
  supported('misc_path', '<command> ...', 'in quotes when it has arguments; no shell', (s, check) => {
    check.command = readCommand(s, false) ?? check.command;
  }),
  supported('misc_timeout', '<seconds>', 'default: delay_loop', (s, check) => {
    const seconds = readInteger(s, 1, 0, 4294);
    if (seconds !== null) check.timeoutMs = seconds === 0 ? null : seconds * 1000;
  }),
  supported('misc_dynamic', '', 'an exit status of 2 to 255 is the weight and 2 more', (_s, check) => {
    check.isDynamic = true;
  }),
  supported('user', '<user> [group]', 'default: that of scripts', (s, check) => {
    check.user = s.text(1);
    check.group = s.has(2) ? s.text(2) : null;
  }),
  ...timingKeywords<MiscDraft>(0).filter(({ word }) => word !== 'connect_timeout'),
]);

export function readMiscCheck(s: Statement): CheckDraft {
  const check: MiscDraft = {
    ...{ statement: s, said: new Map(), timing: newTiming() },
    ...{ command: null, timeoutMs: null, isDynamic: false, user: null, group: null },
  };
  applyBlock(MISC_KEYWORDS, s.children, check);
  const { command } = check;
  if (command === null && !check.said.has('misc_path'))
    s.error(0, 'missing-keyword', 'MISC_CHECK names no program', 'misc_path "COMMAND"');
  return (home) => {
    if (command === null) return null;
    const timing = timingOf(check, home, { retries: 0, retryDelayMs: USUAL.retryDelayMs });
    const { isDynamic, user, group } = check;
    const timeoutMs = check.timeoutMs ?? timing.intervalMs;
    return { origin: s.origin, kind: 'misc', command: { ...command, user, group }, timeoutMs, isDynamic, timing };
  };
}

interface FileDraft extends Draft {
  file: string;
  /** null: that of the `track_file` block. */
  weight: { readonly value: number; readonly reverse: boolean } | null;
}

const FILE_KEYWORDS = keywordTable<FileDraft>('FILE_CHECK', 'in FILE_CHECK', [
  supported('track_file', '<name>', 'a `track_file` block', (s, check) => {
    check.file = s.text(1);
  }),
  supported('weight', '<number> [reverse|noreverse]', 'default: that of the track_file block', (s, check) => {
    const value = readInteger(s, 1, -2_147_483_647, 2_147_483_647);
    if (s.has(2) && s.text(2) !== 'reverse' && s.text(2) !== 'noreverse')
      s.error(2, 'bad-value', `there is no '${s.text(2)}' of a weight`, 'reverse or noreverse');
    else if (value !== null) check.weight = { value, reverse: s.text(2) === 'reverse' };
  }),
  ...ignored<FileDraft>('its number is added to the weight with it or without', 'dynamic'),
]);

export function readFileCheck(s: Statement): CheckDraft {
  const check: FileDraft = { statement: s, said: new Map(), file: '', weight: null };
  applyBlock(FILE_KEYWORDS, s.children, check);
  const name = check.said.get('track_file');
  if (name === undefined) s.error(0, 'missing-keyword', 'FILE_CHECK names no file', 'track_file NAME');
  const { file, weight } = check;
  const timing = resolveTiming([], USUAL);
  return ({ files }) => {
    const found = files.find((one) => one.name === file);
    if (found !== undefined) {
      const { value, reverse } = weight ?? { value: found.weight, reverse: found.reverse };
      return { origin: s.origin, kind: 'file', file, weight: value, reverse, timing };
    }
    const near = nearestWord(
      file,
      files.map((one) => one.name),
    );
    const hint = near === null ? undefined : `did you mean '${near}'?`;
    if (file !== '') name?.error(1, 'unknown-name', `there is no track_file '${file}'`, hint);
    return null;
  };
}

/** For the table of `real_server`: each kind of check as a block. */
export function checkBlocks<T>(add: (target: T, check: CheckDraft) => void): Keyword<T>[] {
  const kind = (word: string, note: string, read: (s: Statement) => CheckDraft): Keyword<T> =>
    block(word, '', note, (s, target: T) => add(target, read(s)));
  return [
    kind('TCP_CHECK', 'a connection', (s) => readPlainCheck(s, 'tcp')),
    kind('PING_CHECK', 'ICMP echo', (s) => readPlainCheck(s, 'ping')),
    kind('UDP_CHECK', 'a datagram', readUdpCheck),
    kind('DNS_CHECK', 'a question', readDnsCheck),
    kind('SMTP_CHECK', 'a greeting', readSmtpCheck),
    kind('MISC_CHECK', 'a program', readMiscCheck),
    kind('FILE_CHECK', 'a file', readFileCheck),
  ];
}

/** Their keywords, for the document. */
export const CHECK_TABLES = [
  CONNECTION_KEYWORDS,
  UDP_KEYWORDS,
  DNS_KEYWORDS,
  SMTP_KEYWORDS,
  MISC_KEYWORDS,
  FILE_KEYWORDS,
] as readonly KeywordTable<never>[];
