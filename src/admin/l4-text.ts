/**
 * Virtual servers for people: what the kernel balances, and to whom. Pure.
 *
 * Not here: words of states (l4-states.ts), how lines are cut and coloured (text-line.ts).
 */
import type { DestinationFigures } from '../l4/kernel.ts';
import type { RealServerStatus, VirtualServerStatus } from '../l4/status.ts';
import { shortBytes, shortDuration, shortNumber } from './human-text.ts';
import {
  byHandText,
  figuresOfAll,
  type RealServerState,
  realServerAddress,
  realServerState,
  type VirtualServerState,
  virtualServerState,
  weightText,
} from './l4-states.ts';
import { columns, type Piece, piece, type Style, type TextLine } from './text-line.ts';

/** One with more servers is told in one line, and below it those of them that are not up. */
const SERVERS_SHOWN = 16;
const FIGURES = [2, 3, 4, 5, 6, 7];

export const L4_STYLES: Readonly<Record<VirtualServerState | RealServerState, Style>> = {
  up: 'good',
  'no quorum': 'warn',
  sorry: 'warn',
  down: 'bad',
  suspended: 'dim',
  full: 'warn',
  out: 'warn',
  serving: 'warn',
  spare: 'dim',
};

/** A line for each, and for its servers; `servers`: all of them, or none, or those of which there are not too many. */
export function virtualServerLines(
  all: readonly VirtualServerStatus[],
  servers: 'all' | 'some' | 'none',
  nowMs: number,
): TextLine[] {
  const rows = all.flatMap((virtual) => {
    const some = virtual.servers.length <= SERVERS_SHOWN ? virtual.servers : virtual.servers.filter(isUnwell);
    const shown = servers === 'none' ? [] : servers === 'all' ? virtual.servers : some;
    return [virtualRow(virtual), ...shown.map((server) => serverRow(server, nowMs))];
  });
  return columns([HEAD, ...rows], FIGURES);
}

/** All that is known of one. */
export function virtualServerDetails(virtual: VirtualServerStatus, nowMs: number): TextLine[] {
  const { name, places, weightUp, quorum, hasQuorum, servers } = virtual;
  const state = virtualServerState(virtual);
  const facts: [string, string, Style?][] = [
    ['addresses', places.join(', ')],
    ['scheduler', schedulerText(virtual)],
    ['quorum', `${quorum}, weight ${weightUp} is up`, hasQuorum ? 'plain' : 'warn'],
  ];
  const table = columns([HEAD, ...servers.map((server) => serverRow({ ...server, checks: [] }, nowMs))], FIGURES);
  const rows = table.slice(1).flatMap((line, at) => [line, ...checkLines(servers[at], nowMs)]);
  return [
    [piece(name, 'head'), piece(': '), piece(state.toUpperCase(), L4_STYLES[state])],
    ...columns(facts.map(([what, text, style]) => [piece(what, 'dim'), piece(text, style)])),
    ...table.slice(0, 1),
    ...rows,
  ];
}

const HEAD: TextLine = ['', '', 'weight', 'active', 'other', 'conns', 'in', 'out', ''].map((text) =>
  piece(text, 'dim'),
);

function virtualRow(virtual: VirtualServerStatus): Piece[] {
  const { name, weightUp, servers } = virtual;
  const state = virtualServerState(virtual);
  const real = servers.filter(({ isSorryServer }) => !isSorryServer);
  const up = real.filter(({ isUp }) => isUp).length;
  return [
    piece(name, 'head'),
    piece(state.toUpperCase(), L4_STYLES[state]),
    piece(`${weightUp}`),
    ...figures(figuresOfAll(servers)),
    piece(`${up} of ${real.length} servers, ${schedulerText(virtual)}`, up === real.length ? 'dim' : 'warn'),
  ];
}

function serverRow(server: RealServerStatus, nowMs: number): Piece[] {
  const { isSorryServer } = server;
  const state = realServerState(server);
  return [
    piece(`  ${realServerAddress(server)}`),
    piece(state.toUpperCase(), L4_STYLES[state]),
    piece(weightText(server), server.weight === server.configuredWeight || isSorryServer ? 'plain' : 'warn'),
    ...figures(server.figures),
    piece(realServerNote(server, nowMs), state === 'up' ? 'dim' : 'plain'),
  ];
}

function figures({ active, inactive, connections, requestBytes, replyBytes }: DestinationFigures): Piece[] {
  return [
    piece(shortNumber(active)),
    piece(shortNumber(inactive)),
    piece(shortNumber(connections)),
    piece(shortBytes(requestBytes)),
    piece(shortBytes(replyBytes)),
  ];
}

/** How packets get there, what failed, since when it is what it is. */
export function realServerNote(server: RealServerStatus, nowMs: number): string {
  const { forwarding, isSorryServer, isUp, checks, lastChangeMs } = server;
  const parts: string[] = [isSorryServer ? `sorry server, ${forwarding}` : forwarding];
  const told = isUp ? checks : checks.filter((check) => !check.isUp);
  for (const { kind, why } of told) parts.push(why === '' ? kind : `${kind}: ${why}`);
  const byHand = byHandText(server);
  if (byHand !== '') parts.push(byHand);
  if (lastChangeMs !== null && (!isUp || isSorryServer)) parts.push(`for ${shortDuration(nowMs - lastChangeMs)}`);
  return parts.join(', ');
}

/** `wlc, clients stay for 300 s` */
export function schedulerText({ scheduler, persistenceTimeoutS }: VirtualServerStatus): string {
  return persistenceTimeoutS === null ? scheduler : `${scheduler}, clients stay for ${persistenceTimeoutS} s`;
}

function checkLines(server: RealServerStatus | undefined, nowMs: number): TextLine[] {
  return (server?.checks ?? []).map(({ kind, isUp, why, checkedMs }) => [
    piece('      '),
    piece(`${kind} ${isUp ? 'passes' : 'fails'}`, isUp ? 'dim' : 'bad'),
    piece(why === '' ? '' : `: ${why}`),
    piece(checkedMs === null ? ', not tried yet' : `, ${shortDuration(nowMs - checkedMs)} ago`, 'dim'),
  ]);
}

function isUnwell(server: RealServerStatus): boolean {
  const state = realServerState(server);
  return state !== 'up' && state !== 'spare';
}
