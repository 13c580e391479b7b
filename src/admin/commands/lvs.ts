/** `show lvs`: what the kernel balances; the name is keepalived's, for virtual servers of any kind. */
import type { VirtualServerStatus } from '../../l4/status.ts';
import type { Command } from '../command.ts';
import { virtualServerDetails } from '../l4-text.ts';
import { virtualServersOf } from '../status.ts';
import { noPaint, renderLines } from '../text-line.ts';

const WIDTH = 160;
const NONE = 'There is no virtual_server here.\n';

export const SHOW_LVS: Command = {
  words: ['show', 'lvs'],
  usage: 'show lvs [<name>] [json]',
  about: 'virtual servers: quorum, servers with their checks, connections, packets',
  level: 'user',
  run: (context, args) => {
    const asJson = args.at(-1) === 'json';
    const name = (asJson ? args.slice(0, -1) : args).join(' ');
    if (!has(virtualServersOf(context), '')) return asJson && name === '' ? '[]\n' : NONE;
    if (!has(virtualServersOf(context), name)) return `There is no virtual server ${name}. 'show pair' lists them.\n`;
    const chosen = named(virtualServersOf(context), name);
    return asJson ? jsonOf(chosen) : textOf(chosen, () => context.clock.wallMs());
  },
};

/** `[192.0.2.1]:tcp:80`, `192.0.2.1:80` and `192.0.2.1` are names, and that of a group; '': all of them. */
function isNamed({ name }: VirtualServerStatus, wanted: string): boolean {
  if (wanted === '' || wanted.toLowerCase() === name.toLowerCase()) return true;
  const [, ip, port] = /^\[(.+)\]:\w+:(\d+)$/.exec(name) ?? [];
  return ip !== undefined && [ip, `[${ip}]`, `${ip}:${port}`, `[${ip}]:${port}`].includes(wanted);
}

function has(all: Iterable<VirtualServerStatus>, name: string): boolean {
  for (const one of all) if (isNamed(one, name)) return true;
  return false;
}

function* named(all: Iterable<VirtualServerStatus>, name: string): Iterable<VirtualServerStatus> {
  for (const one of all) if (isNamed(one, name)) yield one;
}

function* textOf(all: Iterable<VirtualServerStatus>, nowMs: () => number): Iterable<string> {
  let isFirst = true;
  for (const one of all) {
    yield `${isFirst ? '' : '\n'}${renderLines(virtualServerDetails(one, nowMs()), WIDTH, noPaint)}`;
    isFirst = false;
  }
}

function* jsonOf(all: Iterable<VirtualServerStatus>): Iterable<string> {
  let before = '[';
  for (const one of all) {
    yield `${before}${JSON.stringify(one)}`;
    before = ',';
  }
  yield ']\n';
}
