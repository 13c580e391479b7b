/**
 * What the buttons of the dashboard do, by the rules of the stats socket: servers of backends, and of the pair its virtual
 * routers and the servers of its virtual servers.
 */
import { serverAt } from '../../admin/commands/server-at.ts';
import { realServerWish } from '../../admin/real-server-wish.ts';
import type { AdminSide } from '../../daemon/admin-side.ts';
import { requestedWeight } from '../../daemon/weight-request.ts';

export type Action = ServerAction | RealServerAction | RouterAction;

export interface ServerAction {
  readonly kind: 'server';
  readonly backend: string;
  readonly server: string;
  readonly what: 'ready' | 'drain' | 'maint' | 'weight';
  /** Of a weight: `5` or `50%`. */
  readonly weight: string;
}

export interface RealServerAction {
  readonly kind: 'real-server';
  readonly virtual: string;
  readonly server: string;
  readonly what: 'up' | 'down' | 'drain' | 'release' | 'weight';
  readonly weight: string;
}

export interface RouterAction {
  readonly kind: 'router';
  readonly router: string;
  readonly what: 'master' | 'backup' | 'fault' | 'release';
}

const WISHES: Readonly<Record<Action['kind'], readonly string[]>> = {
  server: ['ready', 'drain', 'maint', 'weight'] satisfies ServerAction['what'][],
  'real-server': ['up', 'down', 'drain', 'release', 'weight'] satisfies RealServerAction['what'][],
  router: ['master', 'backup', 'fault', 'release'] satisfies RouterAction['what'][],
};
const NAMES: Readonly<Record<Action['kind'], readonly string[]>> = {
  server: ['backend', 'server', 'weight'],
  'real-server': ['virtual', 'server', 'weight'],
  router: ['router'],
};

/** null: that is none. */
export function readAction(text: string): Action | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const given: Readonly<Record<string, unknown>> = { weight: '', ...value };
  const { kind, what } = given;
  if (kind !== 'server' && kind !== 'real-server' && kind !== 'router') return null;
  if (typeof what !== 'string' || !WISHES[kind].includes(what)) return null;
  const names = NAMES[kind].map((name) => [name, given[name]] as const);
  if (names.some(([, name]) => typeof name !== 'string')) return null;
  return { kind, what, ...Object.fromEntries(names) } as Action;
}

/** null: done; otherwise why not. */
export function act(side: AdminSide, action: Action): string | null {
  switch (action.kind) {
    case 'server':
      return changeServer(side, action);
    case 'real-server':
      return changeRealServer(side, action);
    case 'router':
      return changeRouter(side, action);
  }
}

function changeServer(side: AdminSide, { backend, server, what, weight }: ServerAction): string | null {
  const record = serverAt(side, `${backend}/${server}`);
  if (typeof record === 'string') return `${record.trim()} It may have gone with a reload.`;
  const { index } = record.plan;
  if (what === 'weight') {
    const wanted = requestedWeight(weight, record.model.weight, record.growsSlowly);
    if (typeof wanted === 'string') return wanted.trim();
    side.board.setWeight(index, wanted);
  } else side.board.setAdmin(index, what);
  note(side, `${backend}/${server}`, what, weight);
  return null;
}

function changeRealServer(side: AdminSide, { virtual, server, what, weight }: RealServerAction): string | null {
  const wish = realServerWish([what, weight.trim()]);
  if (wish === null) return 'A weight is a number from 0 to 65535.';
  if (side.pair?.setRealServer(virtual, server, wish) !== true) {
    return 'There is no such server. It may have gone with a reload.';
  }
  note(side, `${virtual} ${server}`, what, weight);
  return null;
}

function changeRouter(side: AdminSide, { router, what }: RouterAction): string | null {
  const changed = side.pair?.set(router, what === 'release' ? null : what) ?? [];
  if (changed.length === 0) return 'There is no such virtual router. It may have gone with a reload.';
  note(side, changed.join(', '), what, '');
  return null;
}

function note({ journal }: AdminSide, whose: string, what: string, weight: string): void {
  journal.notice(`dashboard: ${whose} ${what === 'weight' ? `weight ${weight}` : what}`);
}
