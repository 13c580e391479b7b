/** Commands that change a server: its weight, and whether it takes traffic. */
import type { ServerRecord } from '../../daemon/server-record.ts';
import type { AdminContext, Command } from '../command.ts';

const MOST_WEIGHT = 256;

const USAGE =
  'usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | check-addr | check-port | ' +
  'fqdn | health | ssl | state | weight\n';

/** Changes that HAProxy knows and that wait for their time here. */
const NOT_YET = ['addr', 'agent', 'agent-addr', 'agent-port', 'agent-send', 'check-addr', 'check-port', 'fqdn', 'ssl'];

/** The server that `backend/server` names, by names or by `#` and numbers; a text says why there is none. */
function serverAt({ model, board }: AdminContext, path: string | undefined): ServerRecord | string {
  const slash = path?.indexOf('/') ?? -1;
  if (path === undefined || slash < 0) return "Require 'backend/server'.\n";
  const backend = path.slice(0, slash);
  const name = path.slice(slash + 1);
  const matches = (wanted: string, own: { readonly name: string; readonly id: number }): boolean =>
    wanted.startsWith('#') ? own.id === Number.parseInt(wanted.slice(1), 10) : own.name === wanted;
  const proxy = model.proxies.find((other) => other.kind !== 'frontend' && matches(backend, other));
  if (proxy === undefined) return 'No such backend.\n';
  const server = proxy.servers.find((other) => matches(name, other));
  const record = server === undefined ? undefined : board.records.find((other) => other.model === server);
  return record ?? 'No such server.\n';
}

/** Does something to the server that the first word names. */
function atServer(
  change: (context: AdminContext, record: ServerRecord, args: readonly string[]) => string,
): Command['run'] {
  return (context, [path, ...rest]) => {
    const record = serverAt(context, path);
    return typeof record === 'string' ? record : change(context, record, rest);
  };
}

export const GET_WEIGHT: Command = {
  words: ['get', 'weight'],
  usage: 'get weight <bk>/<srv>',
  about: "report a server's current weight",
  level: 'user',
  run: atServer((_context, record) => `${record.weight} (initial ${record.model.weight})\n`),
};

export const SET_WEIGHT: Command = {
  words: ['set', 'weight'],
  usage: 'set weight <bk>/<srv>  (DEPRECATED)',
  about: "change a server's weight (use 'set server' instead)",
  level: 'admin',
  run: atServer((context, record, [weight]) => changeWeight(context, record, weight)),
};

export const ENABLE_SERVER: Command = {
  words: ['enable', 'server'],
  usage: 'enable server  (DEPRECATED)',
  about: "enable a disabled server (use 'set server' instead)",
  level: 'admin',
  run: atServer((context, record) => changeAdmin(context, record, false, false)),
};

export const DISABLE_SERVER: Command = {
  words: ['disable', 'server'],
  usage: 'disable server (DEPRECATED)',
  about: "disable a server for maintenance (use 'set server' instead)",
  level: 'admin',
  run: atServer((context, record) => changeAdmin(context, record, true, false)),
};

export const SET_SERVER: Command = {
  words: ['set', 'server'],
  usage: 'set server <bk>/<srv> [opts]',
  about: "change a server's state or weight",
  level: 'admin',
  run: atServer((context, record, [what, value]) => {
    switch (what) {
      case 'weight':
        return changeWeight(context, record, value);
      case 'state':
        return changeState(context, record, value);
      case 'health':
        return changeHealth(context, record, value);
      default:
        if (what === undefined || !NOT_YET.includes(what)) return USAGE;
        return `'set server <srv> ${what}' is not supported yet.\n`;
    }
  }),
};

/** `5`, or `50%` of what it began with, in HAProxy's own terms of what is wrong. */
function changeWeight({ board, model }: AdminContext, record: ServerRecord, text: string | undefined): string {
  if (text === undefined || text === '') return 'Require <weight> or <weight%>.\n';
  const [, digits, rest] = /^([-+]?\d+)(.*)$/s.exec(text) ?? [];
  if (digits === undefined) return 'Empty weight string empty or preceded by garbage';
  const written = Number(digits);
  const relative = rest?.startsWith('%') === true;
  if ((relative ? rest.slice(1) : rest) !== '') return 'Trailing garbage in weight string';
  if (relative && written < 0) return 'Relative weight must be positive.\n';
  const weight = relative ? Math.min(MOST_WEIGHT, Math.floor((record.model.weight * written) / 100)) : written;
  if (weight < 0 || weight > MOST_WEIGHT) return 'Absolute weight can only be between 0 and 256 inclusive.\n';
  const backend = model.proxies.find(({ servers }) => servers.includes(record.model));
  if (backend?.balance === 'static-rr' && weight !== 0 && weight !== record.model.weight) {
    return "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.\n";
  }
  board.setWeight(record.plan.index, weight);
  return '';
}

function changeState(context: AdminContext, record: ServerRecord, state: string | undefined): string {
  switch (state) {
    case 'ready':
      return changeAdmin(context, record, false, false);
    case 'drain':
      return changeAdmin(context, record, false, true);
    case 'maint':
      return changeAdmin(context, record, true, false);
    default:
      return "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n";
  }
}

/** Maintenance and drain exclude each other: one ends the other. */
function changeAdmin({ board }: AdminContext, record: ServerRecord, maint: boolean, drain: boolean): string {
  board.setAdmin(record.plan.index, maint, drain);
  return '';
}

function changeHealth({ board }: AdminContext, record: ServerRecord, health: string | undefined): string {
  if (health !== 'up' && health !== 'down' && health !== 'stopping') {
    return "'set server <srv> health' expects 'up', 'stopping', or 'down'.\n";
  }
  board.setHealth(record.plan.index, health);
  return '';
}
