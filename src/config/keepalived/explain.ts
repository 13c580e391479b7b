/**
 * What `tandem check` says about a keepalived.conf: who will be master and when that changes, what differs between two
 * nodes, which firewall rules the adverts need. Text from models; pure.
 */
import type { PairModel, VrrpInstance } from '../pair-model.ts';
import { compareNodes, type NodeFile, pairInstances } from './compare-nodes.ts';
import { type Influence, influences, priorityWith, skewMs, takeOverMs } from './election-forecast.ts';
import { firewallRules } from './firewall.ts';

/** `other`: the file of the other node, when it was given. */
export function explainPair(node: NodeFile, other: NodeFile | null): string {
  const { instances } = node.model;
  if (instances.length === 0) return 'No vrrp_instance: no address will move.\n';
  const sections = [
    ...instances.map((instance) => explainInstance(instance, node, other)),
    other === null ? '' : explainDifferences(node, other),
    explainFirewall(node.model),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function explainInstance(instance: VrrpInstance, node: NodeFile, other: NodeFile | null): string {
  const rows: [string, string][] = [
    [
      'router',
      `VRID ${instance.virtualRouterId} on ${instance.interface}, VRRP version ${instance.version}, IPv${instance.family}`,
    ],
    ['adverts', `every ${seconds(instance.advertIntervalCs * 10)} ${transportText(instance)}`],
    ['addresses', addressText(instance)],
    ['preemption', preemptionText(instance)],
    ['lease', leaseText(instance)],
  ];
  const counterpart = other === null ? null : counterpartOf(instance, node, other);
  const lines = rows.map(([name, text]) => `  ${name.padEnd(11)} ${text}`);
  const election = counterpart === null ? ownTable(instance, node) : bothTable(instance, node, counterpart);
  return [`${instance.name}`, ...lines, '', ...election, ''].join('\n');
}

interface Counterpart {
  readonly instance: VrrpInstance;
  readonly node: NodeFile;
}

function counterpartOf(instance: VrrpInstance, node: NodeFile, other: NodeFile): Counterpart | null {
  const pair = pairInstances(node.model, other.model).find(({ one }) => one === instance);
  return pair === undefined ? null : { instance: pair.other, node: other };
}

function transportText({ transport, sourceIp, authentication, v3ChecksumAsV2 }: VrrpInstance): string {
  const from = sourceIp === null ? '' : ` from ${sourceIp}`;
  const peers = transport.kind === 'unicast' ? transport.peers.map(({ ip }) => ip).join(', ') : '';
  const to =
    transport.kind === 'multicast' ? `to ${transport.group}` : `to the peers ${peers === '' ? '(none)' : peers}`;
  const extra = [
    ...(authentication === null ? [] : ['with a password']),
    ...(v3ChecksumAsV2 ? ['RFC 9568 checksum'] : []),
  ];
  return [`${to}${from}`, ...extra].join(', ');
}

function addressText({ addresses, excludedAddresses }: VrrpInstance): string {
  const all = [...addresses, ...excludedAddresses].map(
    ({ ip, prefixLength, device }) => `${ip}/${prefixLength} on ${device}`,
  );
  return all.length === 0 ? 'none' : all.join(', ');
}

function preemptionText({ preempt, preemptDelayMs }: VrrpInstance): string {
  if (!preempt) return 'off: the higher priority does not take the addresses back';
  if (preemptDelayMs > 0) return `on, after ${seconds(preemptDelayMs)}`;
  return 'on: the higher priority takes the addresses back';
}

function leaseText({ tandem }: VrrpInstance): string {
  if (tandem.leaseMs === null) return 'off: an address outlives a program that is killed';
  return `${seconds(tandem.leaseMs)}: the kernel removes the addresses when the program hangs or is killed`;
}

function ownTable(instance: VrrpInstance, { model }: NodeFile): readonly string[] {
  const all = influences(instance, model);
  const fine = priorityWith(instance, all, []) ?? 0;
  const rows = [['on this node', 'priority'], ['all is well', priorityText(fine)], ...failureRows(instance, all)];
  return [
    ...table(rows),
    '',
    `  Master is who has the higher priority. As backup this node takes over ${seconds(takeOverMs(instance, fine))} after`,
    `  the last advert, ${seconds(skewMs(instance, fine))} after a master that says good-bye.`,
  ];
}

function failureRows(instance: VrrpInstance, all: readonly Influence[]): readonly string[][] {
  const rows = all.map((one) => [`${one.what} fails`, priorityText(priorityWith(instance, all, [one]))]);
  const weighted = all.filter(({ faults }) => !faults);
  if (weighted.length < 2) return rows;
  return [...rows, ['all with a weight fail', priorityText(priorityWith(instance, all, weighted))]];
}

function bothTable(instance: VrrpInstance, node: NodeFile, counterpart: Counterpart): readonly string[] {
  const own = influences(instance, node.model);
  const others = influences(counterpart.instance, counterpart.node.model);
  const row = (what: string, a: number | null, b: number | null): string[] => {
    const master = masterOf(a, b, node.label, counterpart.node.label);
    return [what, priorityText(a), priorityText(b), master];
  };
  const fineOwn = priorityWith(instance, own, []);
  const fineOther = priorityWith(counterpart.instance, others, []);
  const rows = [
    ['', node.label, counterpart.node.label, 'master'],
    row('all is well', fineOwn, fineOther),
    ...own.map((one) => row(`${one.what} fails in ${node.label}`, priorityWith(instance, own, [one]), fineOther)),
    ...others.map((one) =>
      row(`${one.what} fails in ${counterpart.node.label}`, fineOwn, priorityWith(counterpart.instance, others, [one])),
    ),
  ];
  return [
    ...table(rows),
    '',
    ...[
      [node.label, instance, fineOwn] as const,
      [counterpart.node.label, counterpart.instance, fineOther] as const,
    ].map(([label, of, priority]) => {
      const wait = seconds(takeOverMs(of, priority ?? 0));
      return `  As backup ${label} takes over ${wait} after the last advert, ${seconds(skewMs(of, priority ?? 0))} after a good-bye.`;
    }),
  ];
}

function masterOf(a: number | null, b: number | null, one: string, other: string): string {
  if (a === null && b === null) return 'none';
  if (a === b) return 'the greater address';
  return (a ?? 0) > (b ?? 0) ? one : other;
}

function priorityText(priority: number | null): string {
  return priority === null ? 'FAULT' : String(priority);
}

function explainDifferences(node: NodeFile, other: NodeFile): string {
  const found = compareNodes(node, other);
  if (found.length === 0) return `${node.label} and ${other.label} agree.\n`;
  return ['What is likely wrong between the two:', ...found.map((line) => `  ${line}`), ''].join('\n');
}

function explainFirewall(model: PairModel): string {
  const rules = firewallRules(model);
  const block = (name: string, lines: readonly string[]): string[] => [
    `  ${name}`,
    ...lines.map((line) => `    ${line}`),
  ];
  return [
    'Adverts are IP protocol 112. Where a firewall is closed by default, one of:',
    ...block('firewalld', rules.firewalld),
    ...block('nftables', rules.nftables),
    ...block('iptables', rules.iptables),
    '',
  ].join('\n');
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  return rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd());
}
