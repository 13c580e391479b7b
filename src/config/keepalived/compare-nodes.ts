/** Two nodes' files side by side: everything that would make two masters of them, and what would move nothing. */
import type { PairModel, VrrpInstance } from '../pair-model.ts';
import { influences, priorityWith } from './election-forecast.ts';

export interface NodeFile {
  /** The file's name, to speak of the node. */
  readonly label: string;
  readonly model: PairModel;
}

export interface InstancePair {
  readonly one: VrrpInstance;
  readonly other: VrrpInstance;
}

/** Instances that are meant to be one router: the same VRID, else the same name. */
export function pairInstances(one: PairModel, other: PairModel): readonly InstancePair[] {
  return one.instances.flatMap((instance) => {
    const sameFamily = other.instances.filter(({ family }) => family === instance.family);
    const found =
      sameFamily.find(
        ({ virtualRouterId, name }) => virtualRouterId === instance.virtualRouterId && name === instance.name,
      ) ??
      sameFamily.find(({ virtualRouterId }) => virtualRouterId === instance.virtualRouterId) ??
      other.instances.find(({ name }) => name === instance.name);
    return found === undefined ? [] : [{ one: instance, other: found }];
  });
}

/** One sentence a mistake. */
export function compareNodes(one: NodeFile, other: NodeFile): readonly string[] {
  const pairs = pairInstances(one.model, other.model);
  return [
    ...lonely(
      one,
      pairs.map((pair) => pair.one),
      other,
    ),
    ...lonely(
      other,
      pairs.map((pair) => pair.other),
      one,
    ),
    ...pairs.flatMap((pair) => compareInstances(pair, one, other)),
  ];
}

function lonely(node: NodeFile, paired: readonly VrrpInstance[], other: NodeFile): readonly string[] {
  return node.model.instances
    .filter((instance) => !paired.includes(instance))
    .map(({ name, virtualRouterId: vrid }) => `${name} (VRID ${vrid}) of ${node.label} is not in ${other.label}`);
}

function compareInstances(pair: InstancePair, one: NodeFile, other: NodeFile): readonly string[] {
  const { name } = pair.one;
  const found: string[] = [];
  const differ = (what: string, a: string | number, b: string | number, then: string): void => {
    if (a !== b) found.push(`${name}: ${what} differs, ${a} in ${one.label} and ${b} in ${other.label}: ${then}`);
  };
  const { one: a, other: b } = pair;
  differ('virtual_router_id', a.virtualRouterId, b.virtualRouterId, 'two masters');
  differ('the address family', `IPv${a.family}`, `IPv${b.family}`, 'two masters');
  differ('the VRRP version', a.version, b.version, 'two masters');
  const interval = a.version === 2 ? 'two masters' : 'the backup uses that of the master';
  differ('advert_int', a.advertIntervalCs / 100, b.advertIntervalCs / 100, interval);
  differ('authentication', passwordWord(a), passwordWord(b), 'two masters');
  if (passwordWord(a) === passwordWord(b) && a.authentication?.password !== b.authentication?.password) {
    found.push(`${name}: the passwords differ: two masters`);
  }
  const list = a.version === 2 ? 'two masters' : 'two masters where one node is keepalived';
  differ('the list of addresses', addressList(a), addressList(b), list);
  differ('the way of adverts', a.transport.kind, b.transport.kind, 'two masters');
  found.push(...comparePeers(a, b, one, other), ...comparePeers(b, a, other, one));
  found.push(...comparePriorities(pair, one, other));
  return found;
}

function passwordWord({ authentication }: VrrpInstance): string {
  return authentication === null ? 'none' : 'PASS';
}

/** The order does not matter to a receiver. */
function addressList({ addresses }: VrrpInstance): string {
  return addresses
    .map(({ ip }) => ip)
    .sort()
    .join(' ');
}

/** Whoever is sent from has to be named by the other. */
function comparePeers(sender: VrrpInstance, receiver: VrrpInstance, from: NodeFile, to: NodeFile): readonly string[] {
  const { sourceIp } = sender;
  if (receiver.transport.kind !== 'unicast' || sourceIp === null) return [];
  if (receiver.transport.peers.some(({ ip }) => ip === sourceIp)) return [];
  return [`${sender.name}: ${from.label} sends from ${sourceIp}, which is no unicast_peer in ${to.label}: two masters`];
}

function comparePriorities({ one: a, other: b }: InstancePair, one: NodeFile, other: NodeFile): readonly string[] {
  const found: string[] = [];
  const allA = influences(a, one.model);
  const allB = influences(b, other.model);
  const fineA = priorityWith(a, allA, []) ?? 0;
  const fineB = priorityWith(b, allB, []) ?? 0;
  if (fineA === fineB) {
    found.push(`${a.name}: both nodes have priority ${fineA}: the greater address of the two interfaces decides`);
    return found;
  }
  const [master, all, label, backup] = fineA > fineB ? [a, allA, one.label, fineB] : [b, allB, other.label, fineA];
  for (const one of all) {
    const left = priorityWith(master, all, [one]);
    if (left === null || left <= backup) continue;
    found.push(
      `${master.name}: when ${one.what} fails in ${label}, nothing moves: ${left} is still more than ${backup} of the other node`,
    );
  }
  return found;
}
