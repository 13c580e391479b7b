/** What the buttons of the dashboard do: the states and weights of servers, by the rules of the stats socket. */
import type { AdminSide } from '../../daemon/admin-side.ts';
import type { ServerRecord } from '../../daemon/server-record.ts';
import { requestedWeight } from '../../daemon/weight-request.ts';

export interface Action {
  readonly backend: string;
  readonly server: string;
  readonly what: 'ready' | 'drain' | 'maint' | 'weight';
  /** Of a weight: `5` or `50%`. */
  readonly weight: string;
}

/** null: that is none. */
export function readAction(text: string): Action | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { backend, server, what, weight = '' } = value as Readonly<Record<string, unknown>>;
  if (typeof backend !== 'string' || typeof server !== 'string' || typeof weight !== 'string') return null;
  if (what !== 'ready' && what !== 'drain' && what !== 'maint' && what !== 'weight') return null;
  return { backend, server, what, weight };
}

/** null: done; otherwise why not. */
export function act(side: AdminSide, action: Action): string | null {
  const record = serverOf(side, action);
  if (record === null) return `there is no server ${action.backend}/${action.server} (any more)`;
  const { index } = record.plan;
  if (action.what === 'weight') {
    const weight = requestedWeight(action.weight, record.model.weight, record.growsSlowly);
    if (typeof weight === 'string') return weight.trim();
    side.board.setWeight(index, weight);
  } else side.board.setAdmin(index, action.what);
  const how = action.what === 'weight' ? `weight ${action.weight}` : action.what;
  side.journal.notice(`dashboard: ${action.backend}/${action.server} ${how}`);
  return null;
}

function serverOf({ model, board }: AdminSide, { backend, server }: Action): ServerRecord | null {
  const proxy = model.proxies.find(({ name, kind }) => name === backend && kind !== 'frontend');
  const wanted = proxy?.servers.find(({ name }) => name === server);
  if (wanted === undefined) return null;
  return board.records.find(({ model: own }) => own === wanted) ?? null;
}
