/**
 * What `tandem check --explain` says about virtual servers: what is balanced how, over which servers, by which checks; where
 * each is written, with all that it has from elsewhere (the virtual server, global_defs, defaults). Text from models; pure.
 */
import type { CheckTiming, L4Check, RealServer, Scheduler, SorryServer, VirtualServer } from '../../l4-model.ts';
import type { ScriptCommand } from '../../pair-model.ts';
import { placeText } from './places.ts';

const SCHEDULERS: Readonly<Record<Scheduler, string>> = {
  rr: 'by turns',
  wrr: 'by turns and weight',
  lc: 'by who has the fewest connections',
  wlc: 'by who has the fewest connections for its weight',
  sed: 'by who has the fewest connections for its weight, the next one counted',
  nq: 'by who has none, then as sed',
  sh: "by the client's address",
  mh: "by the client's address, as few as possible change their server",
  dh: 'by the address that was asked for',
};

export function explainVirtualServers(servers: readonly VirtualServer[]): string {
  return servers.map((server) => `${explainOne(server)}\n`).join('\n');
}

/** For who did not ask for all of it. */
export function countVirtualServers(servers: readonly VirtualServer[]): string {
  const real = servers.reduce((sum, { realServers }) => sum + realServers.length, 0);
  return `Virtual servers: ${servers.length}, with ${real} real servers (--explain shows them)\n`;
}

function explainOne(server: VirtualServer): string {
  const { name, origin, places, marks, protocol } = server;
  const where = [
    ...places.map((place) => rangeText(placeText(place, protocol), place.first, place.last)),
    ...marks.map(({ mark }) => `mark ${mark}`),
  ];
  const rows: [string, string][] = [
    ...(where.length === 1 && where[0] === name ? [] : [['asked for', where.join(', ')] as [string, string]]),
    ['scheduler', `${server.scheduler}: ${SCHEDULERS[server.scheduler]}${server.hashesPort ? ', with its port' : ''}`],
    ['clients', clientsText(server)],
    ['quorum', quorumText(server)],
    ...optional('quorum_up', commandText(server.quorumUp)),
    ...optional('quorum_down', commandText(server.quorumDown)),
    ...optional('also', switchesText(server)),
  ];
  const lines = rows.map(([word, text]) => `  ${word.padEnd(11)} ${text}`);
  const sorry = server.sorryServer === null ? [] : [sorryText(server.sorryServer)];
  return [`${name}  line ${origin.line}`, ...lines, ...server.realServers.flatMap(realLines), ...sorry].join('\n');
}

function optional(word: string, text: string): [string, string][] {
  return text === '' ? [] : [[word, text]];
}

function rangeText(text: string, first: string, last: string): string {
  return first === last ? text : text.replace(`[${first}]`, `[${first}-${last}]`);
}

function clientsText({ persistence, family }: VirtualServer): string {
  if (persistence === null) return 'each connection anew';
  const { timeoutS, prefixLength } = persistence;
  const who = prefixLength === (family === 4 ? 32 : 128) ? 'stay' : `of one /${prefixLength} stay together`;
  return `${who} with their server until ${timeoutS} s after their last connection began`;
}

function quorumText({ quorum, hysteresis, realServers }: VirtualServer): string {
  const sum = realServers.reduce((total, { weight }) => total + weight, 0);
  const band = hysteresis === 0 ? '' : `, reached at ${quorum + hysteresis}, lost below ${quorum - hysteresis}`;
  return `weight ${quorum} of ${sum}${band}`;
}

function switchesText({ alpha, omega, haSuspend, onePacket, smtpAlert }: VirtualServer): string {
  const words = Object.entries({ alpha, omega, ha_suspend: haSuspend, ops: onePacket, smtp_alert: smtpAlert });
  return words.flatMap(([word, on]) => (on ? [word] : [])).join(', ');
}

function realLines(server: RealServer): readonly string[] {
  const { address, forwarding, weight, upperThreshold, lowerThreshold } = server;
  const words = [
    `weight ${weight}`,
    ...(upperThreshold === 0 ? [] : [`at most ${upperThreshold} connections, again below ${lowerThreshold}`]),
    ...(server.inhibitOnFailure ? ['weight 0 when it fails'] : []),
    ...(server.alpha ? ['down at first'] : []),
  ];
  const scripts = [
    ...optional('notify_up', commandText(server.notifyUp)),
    ...optional('notify_down', commandText(server.notifyDown)),
  ].map(([word, text]) => `    ${word} ${text}`);
  const checks = server.checks.map((check) => `    ${checkText(check)}  line ${check.origin.line}`);
  const none = server.checks.length === 0 ? ['    no check: it is always up'] : [];
  const head = `  ${forwarding} to ${addressText(address.ip, address.port)}, ${words.join(', ')}  line ${server.origin.line}`;
  return [head, ...scripts, ...checks, ...none];
}

function sorryText({ address, forwarding, inhibits, origin }: SorryServer): string {
  const stays = inhibits ? ', else with weight 0' : '';
  return `  ${forwarding} to ${addressText(address.ip, address.port)} while the quorum is lost${stays}  line ${origin.line}`;
}

function addressText(ip: string, port: number): string {
  return port === 0 ? `${ip} (its port stays)` : ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function commandText(command: ScriptCommand | null): string {
  if (command === null) return '';
  return `${command.argv.join(' ')}${command.user === null ? '' : ` as ${command.user}`}`;
}

function checkText(check: L4Check): string {
  const what = subjectText(check);
  if (check.kind === 'file') return what;
  return `${what}, ${timingText(check.timing, check.kind !== 'misc')}`;
}

function subjectText(check: L4Check): string {
  switch (check.kind) {
    case 'file':
      return `FILE_CHECK ${check.file}, weight ${check.weight}${check.reverse ? ' reverse' : ''}`;
    case 'misc':
      return `MISC_CHECK ${commandText(check.command)}, at most ${seconds(check.timeoutMs)}`;
    case 'http':
    case 'https': {
      const paths = check.urls.map(({ path }) => path).join(' ');
      return `${check.kind === 'http' ? 'HTTP_GET' : 'SSL_GET'} ${paths} ${toText(check)}`;
    }
    case 'dns':
      return `DNS_CHECK ${check.type} ${check.name} ${toText(check)}`;
    case 'tcp':
    case 'ping':
    case 'smtp':
    case 'udp':
      return `${check.kind.toUpperCase()}_CHECK ${toText(check)}`;
  }
}

function toText({ connection }: Extract<L4Check, { readonly connection: unknown }>): string {
  const { address, from, interface: device } = connection;
  const leaves = from === null ? '' : ` from ${from.ip}`;
  const over = device === null ? '' : ` over ${device}`;
  return `to ${address.port === 0 ? address.ip : addressText(address.ip, address.port)}${leaves}${over}`;
}

function timingText(timing: CheckTiming, connects: boolean): string {
  const { intervalMs, connectTimeoutMs, retries, retryDelayMs, warmupMs } = timing;
  const timeOut = connects ? `, time-out ${seconds(connectTimeoutMs)}` : '';
  const again =
    retries === 0 ? 'no retry' : `${retries} ${retries === 1 ? 'retry' : 'retries'} after ${seconds(retryDelayMs)}`;
  const first = warmupMs === 0 ? 'first at once' : `first within ${seconds(warmupMs)}`;
  return `every ${seconds(intervalMs)}${timeOut}, ${again}, ${first}`;
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
