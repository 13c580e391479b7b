/** Commands that change a server: its weight, and whether it takes traffic. */
import { isIP } from 'node:net';
import type { ServerRecord } from '../../daemon/server-record.ts';
import { requestedWeight } from '../../daemon/weight-request.ts';
import type { AdminContext, Command } from '../command.ts';
import { moveServer } from './move-server.ts';
import { serverAt } from './server-at.ts';

const USAGE =
  'usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | check-addr | check-port | ' +
  'fqdn | health | ssl | state | weight\n';

/** Does something to the server that the first word names. */
function atServer(
  change: (context: AdminContext, record: ServerRecord, args: readonly string[]) => string | Promise<string>,
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
  run: atServer((context, record) => changeAdmin(context, record, 'ready')),
};

export const DISABLE_SERVER: Command = {
  words: ['disable', 'server'],
  usage: 'disable server (DEPRECATED)',
  about: "disable a server for maintenance (use 'set server' instead)",
  level: 'admin',
  run: atServer((context, record) => changeAdmin(context, record, 'maint')),
};

export const ENABLE_AGENT: Command = {
  words: ['enable', 'agent'],
  usage: 'enable agent',
  about: "enable agent checks (use 'set server' instead)",
  level: 'admin',
  run: atServer(({ board }, record) => {
    if (!record.agent.configured) return 'Agent was not configured on this server, cannot enable.\n';
    board.enableCheck(record.plan.index, 'agent', true);
    return '';
  }),
};

export const DISABLE_AGENT: Command = {
  words: ['disable', 'agent'],
  usage: 'disable agent',
  about: "disable agent checks (use 'set server' instead)",
  level: 'admin',
  run: atServer(({ board }, record) => {
    board.enableCheck(record.plan.index, 'agent', false);
    return '';
  }),
};

export const ENABLE_HEALTH: Command = {
  words: ['enable', 'health'],
  usage: 'enable health',
  about: "enable health checks (use 'set server' instead)",
  level: 'admin',
  run: atServer(({ board }, record) => {
    if (!record.check.configured) return 'Health check was not configured on this server, cannot enable.\n';
    board.enableCheck(record.plan.index, 'check', true);
    return '';
  }),
};

export const DISABLE_HEALTH: Command = {
  words: ['disable', 'health'],
  usage: 'disable health',
  about: "disable health checks (use 'set server' instead)",
  level: 'admin',
  run: atServer(({ board }, record) => {
    board.enableCheck(record.plan.index, 'check', false);
    return '';
  }),
};

export const SET_SERVER: Command = {
  words: ['set', 'server'],
  usage: 'set server <bk>/<srv> [opts]',
  about: "change a server's state or weight",
  level: 'admin',
  run: atServer((context, record, [what, value, ...more]) => {
    switch (what) {
      case 'weight':
        return changeWeight(context, record, value);
      case 'state':
        return changeState(context, record, value);
      case 'health':
        return changeHealth(context, record, value);
      case 'agent':
        return changeAgent(context, record, value);
      case 'agent-addr':
      case 'agent-port':
      case 'agent-send':
        return changeAgentPlace(record, what, value, more);
      case 'check-addr':
      case 'check-port':
        return changeCheckPlace(record, what, value, more);
      case 'addr':
        return moveServer(context, record, [value ?? '', ...more]);
      case 'fqdn':
        if (value === undefined || value === '') return 'set server <b>/<s> fqdn requires a FQDN.\n';
        return 'set server <b>/<s> fqdn failed because no resolution is configured.\n';
      case 'ssl':
        if (record.isDynamic) return "'set server <srv> ssl' not supported on dynamic servers\n";
        return "'set server <srv> ssl' cannot be set.  default-server should define ssl settings\n";
      default:
        return USAGE;
    }
  }),
};

/** `5`, or `50%` of what it began with, in HAProxy's own terms of what is wrong. */
function changeWeight({ board }: AdminContext, record: ServerRecord, text: string | undefined): string {
  const weight = requestedWeight(text ?? '', record.model.weight, record.growsSlowly);
  if (typeof weight === 'string') return weight;
  board.setWeight(record.plan.index, weight);
  return '';
}

function changeState(context: AdminContext, record: ServerRecord, state: string | undefined): string {
  switch (state) {
    case 'ready':
    case 'drain':
    case 'maint':
      return changeAdmin(context, record, state);
    default:
      return "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n";
  }
}

/** Maintenance and drain exclude each other: one ends the other. */
function changeAdmin({ board }: AdminContext, record: ServerRecord, wish: 'ready' | 'drain' | 'maint'): string {
  board.setAdmin(record.plan.index, wish);
  return '';
}

function changeHealth({ board }: AdminContext, record: ServerRecord, health: string | undefined): string {
  if (record.tracked !== null) return 'cannot change health on a tracking server.\n';
  if (health !== 'up' && health !== 'down' && health !== 'stopping') {
    return "'set server <srv> health' expects 'up', 'stopping', or 'down'.\n";
  }
  board.setHealth(record.plan.index, health);
  return '';
}

const NO_AGENT = 'agent checks are not enabled on this server';

function changeAgent({ board }: AdminContext, record: ServerRecord, health: string | undefined): string {
  if (!record.agent.enabled) return `${NO_AGENT}.\n`;
  if (health !== 'up' && health !== 'down') return "'set server <srv> agent' expects 'up' or 'down'.\n";
  board.setHealth(record.plan.index, health, 'agent');
  return '';
}

/** `agent-addr <ip> [port <port>]`, `agent-port <port>`, `agent-send <text>`. */
function changeAgentPlace(
  record: ServerRecord,
  what: 'agent-addr' | 'agent-port' | 'agent-send',
  value: string | undefined,
  [word, more]: readonly string[],
): string {
  if (what === 'agent-send') {
    if (!record.agent.enabled) return `${NO_AGENT}.\n`;
    record.agentSend = value ?? '';
    return '';
  }
  if (value === undefined || value === '') {
    const needs = what === 'agent-addr' ? 'an address and optionally a port' : 'a port';
    return `set server <b>/<s> ${what} requires ${needs}.\n`;
  }
  if (!record.agent.enabled) return NO_AGENT;
  const address = what === 'agent-addr' ? value : null;
  const port = what === 'agent-port' ? value : word === 'port' ? (more ?? '') : null;
  const family = address === null ? 0 : isIP(address);
  if (address !== null && family === 0) return `invalid addr '${address}'`;
  const number = port === null ? null : portOf(port);
  if (typeof number === 'string') return number;
  if (address !== null) record.agentAddress = { family: family === 6 ? 6 : 4, ip: address };
  if (number !== null) record.agentPort = number;
  return '';
}

/** `check-addr <ip> [port <port>]`, `check-port <port>`. */
function changeCheckPlace(
  record: ServerRecord,
  what: 'check-addr' | 'check-port',
  value: string | undefined,
  [word, more]: readonly string[],
): string {
  if (value === undefined || value === '') {
    const needs = what === 'check-addr' ? 'an address and optionally a port' : 'a port';
    return `set server <b>/<s> ${what} requires ${needs}.\n`;
  }
  if (!record.check.enabled) return 'health checks are not enabled on this server';
  const address = what === 'check-addr' ? value : null;
  const written = what === 'check-port' ? value : word === 'port' ? (more ?? '') : null;
  const family = address === null ? 0 : isIP(address);
  if (address !== null && family === 0) return `invalid addr '${address}'`;
  const port = written === null ? null : portOf(written);
  if (typeof port === 'string') return port;
  if (port === 0 && record.plan.portFromClient) return "can't unset 'port' since MAPPORTS is in use";
  if (address !== null) record.checkAddress = { family: family === 6 ? 6 : 4, ip: address };
  if (port !== null) record.checkPort = port;
  return '';
}

/** `-1` is a number, and no port. */
function portOf(text: string): number | string {
  if (!/^-?\d+$/.test(text)) return 'provided port is not an integer';
  const port = Number(text);
  return port < 0 || port > 65_535 ? 'provided port is invalid' : port;
}
