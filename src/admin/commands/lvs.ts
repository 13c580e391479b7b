/** `show lvs`, `set lvs`: what the kernel balances; the name is keepalived's, for virtual servers of any kind. */
import type { RealServerWish } from '../../daemon/pair-balancer.ts';
import type { RealServerStatus, VirtualServerStatus } from '../../l4/status.ts';
import type { Command } from '../command.ts';
import { byHandText, realServerState } from '../l4-states.ts';
import { virtualServerDetails } from '../l4-text.ts';
import { realServerWish } from '../real-server-wish.ts';
import { virtualServersOf } from '../status.ts';
import { noPaint, renderLines } from '../text-line.ts';

const WIDTH = 160;
const USAGE =
  "'set lvs' expects a virtual server, one of its servers, and then 'up', 'down', 'drain', 'release', or 'weight' with a number " +
  'from 0 to 65535.\n';
const NONE = 'There is no virtual_server here.\n';

export const SHOW_LVS: Command = {
  words: ['show', 'lvs'],
  usage: 'show lvs [<name>] [json]',
  about: 'virtual servers: quorum, servers with their checks, connections, packets',
  level: 'user',
  run: async (context, args) => {
    await context.pair?.look();
    const asJson = args.at(-1) === 'json';
    const name = (asJson ? args.slice(0, -1) : args).join(' ');
    if (!has(virtualServersOf(context), '')) return asJson && name === '' ? '[]\n' : NONE;
    if (!has(virtualServersOf(context), name)) return `There is no virtual server ${name}. 'show pair' lists them.\n`;
    const chosen = named(virtualServersOf(context), name);
    return asJson ? jsonOf(chosen) : textOf(chosen, () => context.clock.wallMs());
  },
};

export const SET_LVS: Command = {
  words: ['set', 'lvs'],
  usage: 'set lvs <name> <server> up|down|drain|release|weight <n>',
  about: 'hold a real server up or down, or give it a weight, until release',
  level: 'admin',
  run: (context, args) => {
    const { pair, journal } = context;
    const request = requestOf(args);
    if (request === null) return USAGE;
    const found: { virtual: VirtualServerStatus; server: RealServerStatus }[] = [];
    for (const virtual of named(virtualServersOf(context), request.virtual)) {
      for (const server of virtual.servers) {
        if (!server.isSorryServer && isNamed(server, request.server)) found.push({ virtual, server });
      }
    }
    const [one, other] = found;
    if (pair === null || one === undefined) return "There is no such server. 'show lvs' lists them.\n";
    if (other !== undefined) return `That is one of several: ${found.slice(0, 4).map(fullName).join(', ')}.\n`;
    const { virtual, server } = one;
    if (!pair.setRealServer(virtual.name, server.name, request.wish)) return 'It has just gone.\n';
    journal.notice(`stats socket: ${fullName(one)} ${request.what}`);
    return consequence(server.name, virtualServersOf(context), virtual.name);
  },
};

function fullName({ virtual, server }: { virtual: VirtualServerStatus; server: RealServerStatus }): string {
  return `${virtual.name} ${server.name}`;
}

/** What comes of it: what the status says now. */
function consequence(server: string, all: Iterable<VirtualServerStatus>, virtual: string): string {
  for (const { name, servers } of all) {
    const now = name === virtual ? servers.find((one) => one.name === server) : undefined;
    if (now === undefined) continue;
    const byHand = byHandText(now);
    const why = byHand === '' ? 'as its checks and the file say' : `${byHand}, until 'release' or a restart`;
    return `${server}: ${realServerState(now).toUpperCase()}, weight ${now.weight}; ${why}.\n`;
  }
  return '';
}

interface Request {
  readonly virtual: string;
  readonly server: string;
  /** As it was said. */
  readonly what: string;
  readonly wish: RealServerWish;
}

/** Names of virtual servers may have blanks: `FWM 5`. */
function requestOf(args: readonly string[]): Request | null {
  const wordsOfWish = args.at(-2) === 'weight' ? 2 : 1;
  const what = args.slice(-wordsOfWish);
  const wish = realServerWish(what);
  const names = args.slice(0, -wordsOfWish);
  const server = names.at(-1);
  if (wish === null || server === undefined || names.length < 2) return null;
  return { virtual: names.slice(0, -1).join(' '), server, what: what.join(' '), wish };
}

/** `[192.0.2.1]:tcp:80`, `192.0.2.1:80` and `192.0.2.1` are names, and of a group `[web]:0` and `web`; '': all of them. */
function isNamed({ name }: { readonly name: string }, wanted: string): boolean {
  if (wanted === '' || wanted.toLowerCase() === name.toLowerCase()) return true;
  const [, group] = /^\[(.+)\]:\d+$/.exec(name) ?? [];
  if (group === wanted) return true;
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
