/** What keepalived writes into keepalived.data: the configuration as it was understood, with the state of everything. */
import type { PairGlobal, PairModel, ScriptCommand, TrackedProcess, VrrpScript } from '../../config/pair-model.ts';
import type { Link } from '../../netlink/network.ts';
import { instanceLines, list, notifyLines, trackLines } from './instance-lines.ts';
import type { PairView } from './pair-view.ts';
import { type AccountOf, accountText, addressText, commandText, entryText, seconds, yesNo } from './words.ts';

export function dataText(view: PairView): string {
  const { model, instances, links, accountOf } = view;
  const lines = [
    '------< Global definitions >------',
    ...globalLines(model.global, accountOf),
    ...section(
      'Static Addresses',
      model.staticAddresses.map((address) => `     ${addressText(address, true, null)}`),
    ),
    ...section('Static Routes', model.staticRoutes.map(indented)),
    ...section('Static Rules', model.staticRules.map(indented)),
    ...section(
      'VRRP Topology',
      instances.flatMap((one) => instanceLines(one, accountOf)),
    ),
    ...section('VRRP Sockpool', socketLines(view)),
    ...section('VRRP Sync groups', groupLines(view)),
    ...section(
      'VRRP Scripts',
      model.scripts.flatMap((script) => scriptLines(script, view)),
    ),
    ...section('VRRP Track files', fileLines(view)),
    ...section(
      'VRRP Track processes',
      model.trackedProcesses.flatMap((process) => processLines(process, view)),
    ),
    ...section('Interfaces', links.flatMap(linkLines)),
  ];
  return `${lines.join('\n')}\n`;
}

const indented = (entry: PairModel['staticRoutes'][number]): string => `     ${entryText(entry)}`;

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`------< ${title} >------`, ...lines];
}

export function globalLines(global: PairGlobal, accountOf: AccountOf): string[] {
  const { mail, notifyFifos, startupScript, shutdownScript } = global;
  const script = (name: string, command: ScriptCommand | null, timeoutMs: number): string[] =>
    command === null
      ? []
      : [` ${name} = ${commandText(command)}, ${accountText(command, accountOf)}, timeout ${seconds(timeoutMs)}`];
  return [
    ` Router ID = ${global.routerId}`,
    ...(mail.server === null ? [] : [` Smtp server = ${mail.server.host}`, ` Smtp server port = ${mail.server.port}`]),
    ...(mail.heloName === null ? [] : [` Smtp HELO name = ${mail.heloName}`]),
    ` Smtp server connection timeout = ${seconds(mail.connectTimeoutMs)}`,
    ` Email notification from = ${mail.from}`,
    ...(mail.recipients.length === 0 ? [] : [' Email notification to:', ...mail.recipients.map((one) => `   ${one}`)]),
    ...script('Startup script', startupScript, global.startupScriptTimeoutMs),
    ...script('Shutdown script', shutdownScript, global.shutdownScriptTimeoutMs),
    ` Dynamic interfaces = ${global.dynamicInterfaces}`,
    ...(mail.noFaults ? [' Send emails for fault transitions = off'] : []),
    ` Default interface = ${global.defaultInterface}`,
    ...notifyFifos.flatMap(({ path, script: reader }) => [
      ` Global notify fifo = ${path}`,
      ...(reader === null
        ? []
        : [` Global notify fifo script = ${commandText(reader)}, ${accountText(reader, accountOf)}`]),
    ]),
    ` VRRP IPv4 mcast group = ${global.mcastGroup4}`,
    ` VRRP IPv6 mcast group = ${global.mcastGroup6}`,
    ` VRRP process priority = ${global.processPriority ?? 0}`,
    ` VRRP don't swap = ${global.noSwap}`,
    ` VRRP realtime priority = ${global.realtimePriority ?? 0}`,
    ` Script security ${global.scriptSecurity ? 'enabled' : 'disabled'}`,
    ...(global.startupDelayMs > 0 ? [` vrrp_startup_delay = ${global.startupDelayMs / 1000}`] : []),
    ...(global.logUnknownVrids ? [' log_unknown_vrids'] : []),
  ];
}

/** One for all routers that speak on an interface in the same way. */
function socketLines({ instances }: PairView): string[] {
  const shared = new Map<string, string[]>();
  for (const { model, hasSocket } of instances) {
    if (!hasSocket) continue;
    const { interface: name, family, transport } = model;
    const key = [
      `   Interface = ${name}`,
      `   Family = IPv${family}`,
      '   Protocol = VRRP',
      `   Type = ${transport.kind === 'unicast' ? 'Unicast' : 'Multicast'}`,
    ].join('\n');
    shared.set(key, [...(shared.get(key) ?? []), `     ${model.name} vrid ${model.virtualRouterId}`]);
  }
  return [...shared].flatMap(([head, users]) => [...head.split('\n'), '   VRRP instances', ...users]);
}

function groupLines({ model, groups, accountOf }: PairView): string[] {
  return model.syncGroups.flatMap((group) => [
    ` VRRP Sync Group = ${group.name}, ${groups.get(group.name) ?? 'INIT'}`,
    ...list('VRRP member instances', group.members),
    ...(group.trackingWeight ? ['   sync group tracking weight set'] : []),
    `   Using smtp notification = ${yesNo(group.smtpAlert)}`,
    ...trackLines(group),
    ...notifyLines(group.notify, accountOf),
  ]);
}

function scriptLines(script: VrrpScript, { model, scripts, accountOf }: PairView): string[] {
  const { name, command, rise, fall } = script;
  const good = scripts.get(name) ?? !script.initFail;
  return [
    ` VRRP Script = ${name}`,
    `   Command = ${commandText(command)}`,
    `   Interval = ${seconds(script.intervalMs)} sec`,
    `   Timeout = ${seconds(script.timeoutMs)} sec`,
    `   Weight = ${script.weight}${script.reverse ? ' reverse' : ''}`,
    `   Rise = ${rise}`,
    `   Fall = ${fall}`,
    `   Status = ${good ? 'GOOD' : 'BAD'}`,
    `   Script ${accountText(command, accountOf).replace(' ', ' = ')}`,
    ...trackingLines(model, 'trackScripts', name),
  ];
}

function fileLines({ model, files }: PairView): string[] {
  return model.trackedFiles.flatMap(({ name, path, weight, reverse }) => [
    ` Track file = ${name}`,
    `   File = ${path}`,
    `   Status = ${files.get(name) ?? 0}`,
    `   Weight = ${weight}${reverse ? ' reverse' : ''}`,
    ...trackingLines(model, 'trackFiles', name),
  ]);
}

function processLines(tracked: TrackedProcess, { model, processes }: PairView): string[] {
  const [program = '', ...parameters] = tracked.process;
  const delay = (ms: number): string => `${(ms / 1000).toFixed(6)}s`;
  const match = tracked.parameterMatch === 'exact' ? '' : ` = ${tracked.parameterMatch}`;
  return [
    ` VRRP Track process = ${tracked.name}`,
    `   Process = ${program}`,
    ...(parameters.length === 0 ? [] : [`   Parameters = ${parameters.join(' ')}`]),
    ...(tracked.parameterMatch === null ? [] : [`   Param match${match}`]),
    `   Min processes = ${tracked.quorum}`,
    ...(tracked.quorumMax === null ? [] : [`   Max processes = ${tracked.quorumMax}`]),
    `   Have quorum = ${processes.get(tracked.name) ?? false}`,
    `   Weight = ${tracked.weight}${tracked.reverse ? ' reverse' : ''}`,
    `   Terminate delay = ${delay(tracked.fallDelayMs)}`,
    `   Fork delay = ${delay(tracked.riseDelayMs)}`,
    `   Full command = ${tracked.match === 'full-command'}`,
    ...trackingLines(model, 'trackProcesses', tracked.name),
  ];
}

/** Which instances look at it. */
function trackingLines(
  { instances }: PairModel,
  kind: 'trackScripts' | 'trackFiles' | 'trackProcesses',
  name: string,
): string[] {
  const users = instances.flatMap((instance) => {
    const track = instance[kind].find((one) => one.name === name);
    return track === undefined ? [] : [`${instance.name}, weight ${track.weight}${track.reverse ? ' reverse' : ''}`];
  });
  return list('Tracking instances', users);
}

function linkLines({ name, index, up, running, mac, addresses }: Link): string[] {
  const of = (family: 4 | 6): string[] => addresses.filter((one) => one.family === family).map(({ ip }) => ip);
  const both = ([4, 6] as const).flatMap((family) => {
    const [first = '(none)', ...more] = of(family);
    return [`   IPv${family} address = ${first}`, ...list(`Additional IPv${family} addresses`, more)];
  });
  return [
    ` Name = ${name}`,
    `   index = ${index}`,
    ...both,
    ...(mac === null ? [] : [`   MAC = ${mac}`]),
    `   State = ${up ? '' : 'not '}UP, ${running ? '' : 'not '}RUNNING`,
  ];
}
