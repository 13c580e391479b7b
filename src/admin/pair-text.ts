/** The pair for people: who owns which address, and why. Pure. */
import type { InstanceStatus, PairHead } from '../daemon/pair-status.ts';
import { clockText, shortDuration } from './human-text.ts';
import { columns, type Piece, piece, type Style, type TextLine } from './text-line.ts';

const STATE_STYLES: Readonly<Record<InstanceStatus['state'], Style>> = {
  MASTER: 'good',
  BACKUP: 'plain',
  FAULT: 'bad',
  INIT: 'dim',
};

/** A line for each instance, with what there is to explain below it. */
export function pairLines({ instances, groups }: PairHead, nowMs: number): TextLine[] {
  const rows = columns(
    instances.map((instance) => row(instance, nowMs)),
    [3],
  );
  const lines = rows.flatMap((line, at) => {
    const instance = instances[at];
    return instance === undefined ? [line] : [line, ...explanations(instance)];
  });
  for (const { name, state, instances: members } of groups) {
    lines.push([piece(`  group ${name}: ${state ?? 'has said nothing yet'} (${members.join(', ')})`, 'dim')]);
  }
  return lines;
}

function row(instance: InstanceStatus, nowMs: number): Piece[] {
  const { name, state, forced, addresses, lastTransitionMs } = instance;
  return [
    piece(name, 'head'),
    piece(forced === null ? state : `${state} (forced)`, forced === null ? STATE_STYLES[state] : 'warn'),
    piece(addresses.length > 1 ? `${addresses[0]} +${addresses.length - 1}` : (addresses[0] ?? 'no address')),
    piece(priorityText(instance)),
    piece(lastTransitionMs === null ? '' : `for ${shortDuration(nowMs - lastTransitionMs)}`, 'dim'),
    piece(ownerText(instance)),
  ];
}

function priorityText({ configuredPriority, effectivePriority }: InstanceStatus): string {
  if (configuredPriority === effectivePriority) return `priority ${effectivePriority}`;
  return `priority ${effectivePriority} of ${configuredPriority}`;
}

export function ownerText({ state, holds, master, addresses }: InstanceStatus): string {
  const whose = addresses.length === 1 ? 'has it' : 'has them';
  if (holds) return `this box ${whose}`;
  if (master !== null)
    return `${master.address} ${whose}: priority ${master.priority}, heard ${shortDuration(master.heardMsAgo)} ago`;
  return state === 'FAULT' ? 'this box does not hear who has it' : 'no master is heard';
}

function explanations({ reasons, faults, forced, name, state }: InstanceStatus): TextLine[] {
  const lines: TextLine[] = reasons.map(({ what, weight }) => [
    piece('    '),
    piece(`${weight > 0 ? '+' : ''}${weight}`, weight < 0 ? 'bad' : 'plain'),
    piece(` ${what}`, weight < 0 || what.endsWith(' failed') ? 'warn' : 'dim'),
  ]);
  if (state === 'FAULT') for (const fault of faults) lines.push([piece('    '), piece(fault, 'bad')]);
  if (forced !== null) {
    lines.push([piece('    '), piece(`forced to be ${forced}, until 'set vrrp ${name} release'`, 'warn')]);
  }
  return lines;
}

/** All that is known of one. */
export function instanceLines(instance: InstanceStatus, nowMs: number): TextLine[] {
  const { name, state, family, vrid, version, addresses, lastTransitionMs, advertIntervalMs, counters } = instance;
  const { rival, refused } = instance;
  const since =
    lastTransitionMs === null
      ? ''
      : ` since ${clockText(lastTransitionMs, nowMs)} (${shortDuration(nowMs - lastTransitionMs)})`;
  const rows: [string, string, Style?][] = [
    ['router', `${instance.interface}, virtual_router_id ${vrid}, version ${version}, IPv${family}`],
    ['addresses', addresses.join(', ')],
    ['owner', ownerText(instance)],
    ['priority', priorityText(instance).replace('priority ', '')],
    [
      'adverts',
      `every ${advertIntervalMs / 1000} s; ${counters.advertsSent} sent, ${counters.advertsReceived} received`,
    ],
    ['errors', `${counters.errors}`],
    ['changes', `became master ${times(counters.becameMaster)}, gave it up ${times(counters.releasedMaster)}`],
  ];
  if (rival !== null) rows.push(['two masters', `${rival.address} with priority ${rival.priority}, too`, 'bad']);
  if (refused !== null) {
    const { address, why, msAgo } = refused;
    rows.push(['not taken', `an advert of ${address}, ${shortDuration(msAgo)} ago: ${why}`, 'dim']);
  }
  return [
    [piece(name, 'head'), piece(': '), piece(state, STATE_STYLES[state]), piece(since)],
    ...columns(rows.map(([what, text, style]) => [piece(what, 'dim'), piece(text, style)])),
    ...explanations(instance),
  ];
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
