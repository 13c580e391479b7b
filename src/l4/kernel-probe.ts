/**
 * What nft and the kernel lack for virtual servers, found by asking (`nft -c`: checked by the kernel, and not done). First the
 * real thing, as ruleset.ts writes it; where that is refused, what it is made of, one after the other, to name what is missing.
 */
import type { L4Place, VirtualServer } from '../config/l4-model.ts';
import type { CommandRunner } from '../core/command.ts';
import { rulesetOf, rulesetText } from './ruleset.ts';
import type { Destination, L4Service } from './service.ts';

/** What is wanted of the kernel. */
export interface KernelWants {
  readonly nat: boolean;
  readonly direct: boolean;
}

const TIMEOUT_MS = 5000;
const TESTED_VERSION = '1.0.6';

/** A part of the rules that has a module of its own. */
interface Part {
  readonly wants: keyof KernelWants;
  readonly chain: string;
  readonly rule: string;
  readonly module: string;
  /** Of netdev, else of inet. */
  readonly netdev?: true;
}

const NO_TABLES =
  'virtual servers need tables of nftables, and nft may not make any: it takes CAP_NET_ADMIN (root, AmbientCapabilities= in a unit, --cap-add NET_ADMIN of a container), and nf_tables in the kernel';
const NAT_CHAIN = 'type nat hook prerouting priority dstnat - 5;';
const INGRESS = 'type filter hook ingress device "lo" priority filter;';
const INPUT = 'type filter hook input priority filter + 5;';
const PARTS: readonly Part[] = [
  { wants: 'nat', chain: NAT_CHAIN, rule: '', module: 'nft_chain_nat' },
  { wants: 'nat', chain: NAT_CHAIN, rule: 'meta l4proto tcp dnat ip to 192.0.2.2:80', module: 'nft_nat' },
  { wants: 'nat', chain: NAT_CHAIN, rule: 'ct status dnat accept', module: 'nft_ct' },
  { wants: 'nat', chain: NAT_CHAIN, rule: 'meta priority set numgen inc mod 2', module: 'nft_numgen' },
  { wants: 'nat', chain: NAT_CHAIN, rule: 'meta priority set jhash ip saddr mod 2', module: 'nft_hash' },
  { wants: 'nat', chain: INPUT, rule: 'reject with icmpx port-unreachable', module: 'nft_reject_inet' },
  { wants: 'direct', chain: INPUT, rule: 'reject with icmpx port-unreachable', module: 'nft_reject_inet' },
  { wants: 'direct', chain: INGRESS, rule: '', module: 'the netdev family of nf_tables', netdev: true },
  { wants: 'direct', chain: INGRESS, rule: 'fwd ip to 192.0.2.2 device "lo"', module: 'nft_fwd_netdev', netdev: true },
  { wants: 'direct', chain: INGRESS, rule: 'meta priority set numgen inc mod 2', module: 'nft_numgen', netdev: true },
  { wants: 'direct', chain: INGRESS, rule: 'meta priority set jhash ip saddr mod 2', module: 'nft_hash', netdev: true },
];

/** What these want. */
export function wantsOf(servers: readonly VirtualServer[]): KernelWants {
  const all = servers.flatMap(({ realServers, sorryServer }) => [
    ...realServers,
    ...(sorryServer === null ? [] : [sorryServer]),
  ]);
  return {
    nat: all.some(({ forwarding }) => forwarding === 'NAT'),
    direct: all.some(({ forwarding }) => forwarding === 'DR'),
  };
}

/** Sentences; empty: all of it is there. Whoever asks must have CAP_NET_ADMIN, or everything is refused. */
export async function missingForKernel(commands: CommandRunner, wants: KernelWants): Promise<readonly string[]> {
  const version = await commands.run(['nft', '--version'], { timeoutMs: TIMEOUT_MS });
  if (version.exitCode !== 0)
    return [
      `virtual servers need the program nft (Debian, Ubuntu, Fedora, Oracle Linux: package nftables): ${version.how}`,
    ];
  const refused = async (text: string): Promise<boolean> => {
    const { exitCode } = await commands.run(['nft', '-c', '-f', '-'], { stdin: text, timeoutMs: TIMEOUT_MS });
    return exitCode !== 0;
  };
  if (!(await refused(sampleText(wants)))) return [];
  if (await refused('table inet tandem_probe {\n}\n')) return [NO_TABLES];
  const missing: string[] = [];
  // What is in a chain that cannot be there cannot be either.
  const chainless = new Set<keyof KernelWants>();
  for (const part of PARTS) {
    const { module, rule } = part;
    if (!wants[part.wants] || chainless.has(part.wants) || missing.includes(module)) continue;
    if (!(await refused(partText(part)))) continue;
    missing.push(module);
    if (rule === '') chainless.add(part.wants);
  }
  if (missing.length > 0) return missing.map((module) => sentence(module, wants));
  const own = /v(\d[\d.]*)/.exec(version.stdout)?.[1] ?? 'of unknown version';
  return [`nft ${own} does not take the rules of virtual servers; ${TESTED_VERSION} does`];
}

function sentence(module: string, { direct, nat }: KernelWants): string {
  const what = direct && nat ? 'virtual servers' : `virtual servers with ${nat ? 'NAT' : 'DR'}`;
  const hint = module.includes(' ') ? 'another kernel has it' : `modprobe ${module}, or a kernel that has it`;
  return `the kernel lacks ${module}, which ${what} need: ${hint}`;
}

function partText({ chain, rule, netdev }: Part): string {
  const family = netdev === true ? 'netdev' : 'inet';
  return `table ${family} tandem_probe {\n chain probe {\n ${chain}\n ${rule}\n }\n}\n`;
}

/** Of everything that differs in what the rules are made of. */
function sampleText({ nat, direct }: KernelWants): string {
  const services = [
    ...(nat ? [sample('NAT', false), sample('NAT', true)] : []),
    ...(direct ? [sample('DR', true)] : []),
    { ...sample('NAT', false), key: 'probe_nobody', destinations: [] },
  ];
  const lo = { name: 'lo', index: 1 };
  return rulesetText(rulesetOf(services, { interfaces: [lo], deviceOf: () => lo }));
}

function sample(forwarding: 'NAT' | 'DR', isPersistent: boolean): L4Service {
  const port = isPersistent ? 81 : 80;
  const place: L4Place = { family: 4, first: '192.0.2.1', last: '192.0.2.1', firstPort: port, lastPort: port };
  const name = `probe_${forwarding}_${port}`;
  return {
    ...{ key: name, name, family: 4, protocol: 'TCP', places: [place], marks: [], hashesPort: false, onePacket: false },
    scheduler: isPersistent ? 'sh' : 'rr',
    flowTimeouts: { tcpS: 900, tcpEdgeS: 60, datagramS: 300 },
    persistence: isPersistent ? { timeoutS: 60, prefixLength: 24 } : null,
    destinations: [destination('192.0.2.2', port, forwarding), destination('192.0.2.3', port, forwarding)],
  };
}

function destination(ip: string, port: number, forwarding: 'NAT' | 'DR'): Destination {
  const address = { family: 4 as const, ip, port };
  return { key: ip, address, weight: 1, upperThreshold: 0, lowerThreshold: 0, forwarding };
}
