/**
 * What keepalived writes into keepalived_check.data: virtual servers and their checks as they were understood, with their states.
 * Its labels, in its order; what is IPVS's alone is left out. Pure. Not here: the lines for the process, which are VRRP's
 * (src/vrrp/dump/data.ts).
 */
import type { CheckedUrl, Forwarding, L4Check, L4Place, RealServer, VirtualServer } from '../config/l4-model.ts';
import type { ScriptCommand } from '../config/pair-model.ts';
import { formatIpv4 } from '../core/ip-bytes.ts';
import { serverName } from '../l4/pool-names.ts';
import type { RealServerStatus, VirtualServerStatus } from '../l4/status.ts';
import type { PairView } from '../vrrp/dump/pair-view.ts';
import { type AccountOf, accountText, commandText, yesNo } from '../vrrp/dump/words.ts';

/** `statuses`: of the model's virtual servers, by name. */
export function checkLines({ model, accountOf }: PairView, statuses: Iterable<VirtualServerStatus>): readonly string[] {
  const byName = new Map([...statuses].map((status) => [status.name, status]));
  const all = model.virtualServers.flatMap((server) => {
    const status = byName.get(server.name);
    return status === undefined ? [] : [{ server, status }];
  });
  if (all.length === 0) return [];
  return [
    '------< LVS Topology >------',
    ...all.flatMap(({ server, status }) => virtualServerLines(server, status, accountOf)),
    '------< Health checkers >------',
    ...all.flatMap(({ server, status }) => checkersOf(server, status, accountOf)),
  ];
}

function virtualServerLines(server: VirtualServer, status: VirtualServerStatus, accountOf: AccountOf): string[] {
  const { family, scheduler, persistence, protocol, sorryServer, realServers } = server;
  const statuses = new Map(status.servers.map((one) => [one.name, one]));
  const [first] = realServers.flatMap(({ checks }) => checks);
  return [
    ' ------< Virtual server >------',
    ...targetLines(server),
    `   Address family = inet${family === 6 ? '6' : ''}`,
    ...(first === undefined ? [] : [`   delay_loop = ${decimal(first.timing.intervalMs)}`]),
    `   lvs_sched = ${scheduler}`,
    ...(scheduler === 'sh' || scheduler === 'mh' ? [`   ${scheduler}-port = ${abled(server.hashesPort)}`] : []),
    `   One packet scheduling = ${abled(server.onePacket)}`,
    ...(persistence === null ? [] : persistenceLines(persistence, family)),
    `   protocol = ${protocol}`,
    `   alpha is ${onOff(server.alpha)}`,
    `   omega is ${onOff(server.omega)}`,
    `   quorum = ${server.quorum}, hysteresis = ${server.hysteresis}`,
    ...scriptLine('   Quorum up notify script', server.quorumUp, accountOf),
    ...scriptLine('   Quorum down notify script', server.quorumDown, accountOf),
    ...(server.haSuspend ? ['   Using HA suspend'] : []),
    `   Using smtp notification = ${yesNo(server.smtpAlert)}`,
    ...(sorryServer === null
      ? []
      : [
          `   sorry server = ${serverName(sorryServer.address, protocol)}`,
          `     ${forwardingText(sorryServer.forwarding)}`,
          `     Inhibit on failure is ${onOff(sorryServer.inhibits)}`,
        ]),
    `   alive = ${Number(status.servers.some(({ isUp, isSorryServer }) => isUp && !isSorryServer))}`,
    `   quorum_state_up = ${Number(status.hasQuorum)}`,
    ...realServers.flatMap((real) => {
      const own = statuses.get(nameOf(real, server));
      return own === undefined ? [] : realServerLines(real, own, accountOf);
    }),
  ];
}

function targetLines({ name, places, marks }: VirtualServer): readonly string[] {
  const [place] = places;
  if (place !== undefined && name.startsWith(`[${place.first}]:`))
    return [` VS VIP = ${place.first}, VPORT = ${place.firstPort}`];
  const [mark] = marks;
  if (mark !== undefined && name === `FWM ${mark.mark}`) return [` VS FWMARK = ${mark.mark}`];
  return [
    ` VS GROUP = ${name}`,
    ...places.map(placeLine),
    ...marks.map((one) => `   FWMARK = ${one.mark}${one.family === null ? '' : ` IPv${one.family}`}`),
  ];
}

function placeLine({ first, last, firstPort, lastPort }: L4Place): string {
  const port = firstPort === lastPort ? firstPort : `${firstPort}-${lastPort}`;
  return first === last ? `   VIP = ${first}, VPORT = ${port}` : `   VIP Range = ${first}-${last}, VPORT = ${port}`;
}

function persistenceLines(
  { timeoutS, prefixLength }: NonNullable<VirtualServer['persistence']>,
  family: 4 | 6,
): string[] {
  const lines = [`   persistence timeout = ${timeoutS}`];
  if (family === 6 && prefixLength < 128) lines.push(`   persistence granularity = ${prefixLength}`);
  if (family === 4 && prefixLength < 32) lines.push(`   persistence granularity = ${maskText(prefixLength)}`);
  return lines;
}

function maskText(prefixLength: number): string {
  const bytes = Uint8Array.from(
    { length: 4 },
    (_, i) => 256 - 2 ** (8 - Math.min(8, Math.max(0, prefixLength - i * 8))),
  );
  return formatIpv4(bytes, 0);
}

function realServerLines(server: RealServer, status: RealServerStatus, accountOf: AccountOf): string[] {
  const { address, checks } = server;
  const [first] = checks;
  return [
    '   ------< Real server >------',
    `   RIP = ${address.ip}, RPORT = ${address.port}, WEIGHT = ${status.weight} EFF WEIGHT = ${status.weight}`,
    `   ${forwardingText(server.forwarding)}`,
    `   Alpha is ${onOff(server.alpha)}`,
    `   connection limit range = ${server.lowerThreshold} -> ${server.upperThreshold}`,
    ...(first === undefined ? [] : timingLines(first)),
    `   Inhibit on failure is ${onOff(server.inhibitOnFailure)}`,
    ...scriptLine('     RS up notify script', server.notifyUp, accountOf),
    ...scriptLine('     RS down notify script', server.notifyDown, accountOf),
    `   Using smtp notification = ${yesNo(server.smtpAlert)}`,
    `   initial weight = ${status.configuredWeight}`,
    `   effective weight = ${status.weight}`,
    `   alive = ${Number(status.isUp)}`,
    `   num failed checkers = ${status.checks.filter(({ isUp }) => !isUp).length}`,
    `   RS set = ${Number(status.isBalanced)}`,
  ];
}

function timingLines({ timing }: L4Check): string[] {
  return [
    `   Delay loop = ${decimal(timing.intervalMs)}`,
    `   Retry count = ${timing.retries}`,
    `   Retry delay = ${decimal(timing.retryDelayMs)}`,
    `   Warmup = ${decimal(timing.warmupMs)}`,
  ];
}

function checkersOf(server: VirtualServer, status: VirtualServerStatus, accountOf: AccountOf): string[] {
  const statuses = new Map(status.servers.map((one) => [one.name, one]));
  return server.realServers.flatMap((real) => {
    const name = nameOf(real, server);
    return real.checks.flatMap((check, i) => {
      const { timing } = check;
      const state = statuses.get(name)?.checks[i];
      return [
        ` ${server.name} -> ${name}`,
        `   Enabled = ${yesNo(!status.suspended)}`,
        `   Up = ${yesNo(state?.isUp ?? !timing.alpha)}`,
        `   Has run = ${yesNo(typeof state?.checkedMs === 'number')}`,
        `   Alpha = ${yesNo(timing.alpha)}`,
        `   Delay loop = ${timing.intervalMs * 1000} us`,
        `   Warmup = ${timing.warmupMs * 1000} us`,
        `   Retries = ${timing.retries}`,
        ...(timing.retries > 0 ? [`   Delay before retry = ${timing.retryDelayMs * 1000} us`] : []),
        `   Log all failures = ${yesNo(timing.logAllFailures)}`,
        ...connectionLines(check),
        ...methodLines(check, accountOf),
      ];
    });
  });
}

function connectionLines(check: L4Check): string[] {
  if (!('connection' in check)) return [];
  const { address, from, interface: device, mark } = check.connection;
  return [
    '   Connection',
    `     Dest = [${address.ip}]:${address.port}`,
    ...(from === null ? [] : [`     Bind to = [${from.ip}]:${from.port}`]),
    ...(device === null ? [] : [`     Bind i/f = ${device}`]),
    ...(mark === null ? [] : [`     Mark = ${mark}`]),
    `     Timeout = ${decimal(check.timing.connectTimeoutMs)}`,
  ];
}

function methodLines(check: L4Check, accountOf: AccountOf): string[] {
  const method = (word: string) => `   Keepalive method = ${word}`;
  switch (check.kind) {
    case 'tcp':
      return [method('TCP_CHECK')];
    case 'ping':
      return [method('PING_CHECK')];
    case 'smtp':
      return [method('SMTP_CHECK'), `   helo = ${check.heloName}`];
    case 'dns':
      return [method('DNS_CHECK'), `   Type = ${check.type}`, `   Name = ${check.name}`];
    case 'udp':
      return [
        method('UDP_CHECK'),
        check.payload === null ? '   Payload specified = no' : `   Payload len = ${check.payload.length}`,
        `   Require reply = ${yesNo(check.reply !== null)}`,
        ...(check.reply === null
          ? []
          : [
              `     Min reply length = ${check.reply.leastBytes}`,
              `     Max reply length = ${check.reply.mostBytes}`,
              `     Reply data len = ${check.reply.pattern.length / 2}`,
            ]),
      ];
    case 'misc':
      return [
        method('MISC_CHECK'),
        `   script = ${commandText(check.command)}`,
        `   timeout = ${Math.floor(check.timeoutMs / 1000)}`,
        `   dynamic = ${check.isDynamic ? 'YES' : 'NO'}`,
        `   ${accountText(check.command, accountOf).replace(' ', ' = ')}`,
      ];
    case 'file':
      return [method('FILE_CHECK'), `     Tracked file = ${check.file}`];
    case 'http':
    case 'https':
      return [
        `${method(check.kind === 'http' ? 'HTTP_GET' : 'SSL_GET')}, http protocol ${check.version}`,
        `   Enable SNI ${check.urls.every(({ serverName: sent }) => sent === null) ? 'un' : ''}set`,
        `   Fast recovery ${check.fastRecovery ? '' : 'un'}set`,
        ...check.urls.flatMap(urlLines),
      ];
  }
}

function urlLines({ path, digest, statuses, host, pattern }: CheckedUrl): string[] {
  return [
    `   Checked url = ${path}`,
    ...(digest === null ? [] : [`     digest = ${digest}`]),
    '     HTTP Status Code(s)',
    ...statuses.map(({ from, to }) => `       ${from === to ? from : `${from}-${to}`}`),
    ...(host === null ? [] : [`     Virtual host = ${host}`]),
    ...(pattern === null ? [] : [`     Regex = "${pattern.source}"`]),
    ...(pattern === null || pattern.mustMatch ? [] : ['     Regex no match']),
  ];
}

function nameOf({ address }: RealServer, { protocol }: VirtualServer): string {
  return serverName(address, protocol);
}

function scriptLine(label: string, command: ScriptCommand | null, accountOf: AccountOf): string[] {
  return command === null ? [] : [`${label} = ${commandText(command)}, ${accountText(command, accountOf)}`];
}

function forwardingText(forwarding: Forwarding): string {
  return `forwarding method = ${forwarding}`;
}

/** Seconds, as keepalived writes its microseconds. */
function decimal(ms: number): string {
  return (ms / 1000).toFixed(6);
}

function abled(on: boolean): string {
  return on ? 'enabled' : 'disabled';
}

function onOff(on: boolean): string {
  return on ? 'ON' : 'OFF';
}
