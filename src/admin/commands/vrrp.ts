/** `show vrrp`, `show pair`, `set vrrp`: the half that HAProxy does not have. */

import type { PairSide } from '../../daemon/pair-side.ts';
import type { InstanceStatus } from '../../daemon/pair-status.ts';
import type { Command } from '../command.ts';
import { shortDuration } from '../human-text.ts';
import { virtualServerLines } from '../l4-text.ts';
import { instanceLines, pairLines } from '../pair-text.ts';
import { noPaint, renderLines, type TextLine } from '../text-line.ts';

const WIDTH = 160;
const NO_PAIR = 'There is no keepalived.conf here: no VRRP runs.\n';
/** What a forced master has; an owner has more. */
const FORCED_PRIORITY = 254;

export const SHOW_VRRP: Command = {
  words: ['show', 'vrrp'],
  usage: 'show vrrp [<name>]',
  about: 'virtual routers: state, priority and its reasons, who is master',
  level: 'user',
  run: ({ pair, clock }, [name]) => {
    if (pair === null) return NO_PAIR;
    const { instances } = pair.head();
    const shown = instances.filter((instance) => name === undefined || instance.name === name);
    if (shown.length === 0 && name !== undefined) return unknown(pair);
    return shown.map((instance) => text(instanceLines(instance, clock.wallMs()))).join('\n');
  },
};

export const SHOW_PAIR: Command = {
  words: ['show', 'pair'],
  usage: 'show pair',
  about: 'who owns which address, in a line each, and who serves each virtual server',
  level: 'user',
  run: async ({ pair, clock }) => {
    if (pair === null) return NO_PAIR;
    await pair.look();
    const nowMs = clock.wallMs();
    const virtualServers = [...pair.virtualServers()];
    const lines = [...pairLines(pair.head(), nowMs)];
    if (virtualServers.length > 0) lines.push(...virtualServerLines(virtualServers, 'none', nowMs));
    return text(lines);
  },
};

export const SET_VRRP: Command = {
  words: ['set', 'vrrp'],
  usage: 'set vrrp <name> master|backup|fault|release',
  about: 'force the state of a virtual router, with its sync group, until release',
  level: 'admin',
  run: ({ pair }, [name = '', wish, ...rest]) => {
    if (pair === null) return NO_PAIR;
    if (rest.length > 0 || (wish !== 'master' && wish !== 'backup' && wish !== 'fault' && wish !== 'release')) {
      return "'set vrrp' expects a name, and then 'master', 'backup', 'fault' or 'release'.\n";
    }
    const names = pair.set(name, wish === 'release' ? null : wish);
    if (names.length === 0) return unknown(pair);
    const instances = pair.head().instances.filter((instance) => names.includes(instance.name));
    return instances.map((instance) => `${instance.name}: ${consequence(instance)}\n`).join('');
  },
};

function unknown(pair: PairSide): string {
  const { instances, groups } = pair.head();
  const names = [...instances, ...groups].map(({ name }) => name);
  return `There is no virtual router of that name. There ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}.\n`;
}

function text(lines: readonly TextLine[]): string {
  return renderLines(lines, WIDTH, noPaint);
}

/** What comes of it, as far as that can be known. */
function consequence(instance: InstanceStatus): string {
  const until = `until 'set vrrp ${instance.name} release'`;
  switch (instance.forced) {
    case null:
      return `decides by itself again; it is ${instance.state}.`;
    case 'master':
      return `forced to be master, ${until}. ${asMaster(instance)}`;
    case 'backup':
      return `forced to be backup, ${until}. ${instance.state === 'MASTER' ? 'It hands over now; what is open is finished. ' : ''}It takes nothing back before, even if nobody else is there.`;
    case 'fault':
      return `forced into FAULT, ${until}.`;
  }
}

function asMaster({ state, faults, master, advertIntervalMs }: InstanceStatus): string {
  if (state === 'MASTER') return 'It is.';
  if (state === 'FAULT') return `It is in FAULT now (${faults.join('; ')}), and becomes master when that is over.`;
  if (master !== null && master.priority >= FORCED_PRIORITY) {
    return `${master.address} has priority ${master.priority} and may stay master.`;
  }
  return `It takes over within ${shortDuration(4 * advertIntervalMs)}.`;
}
