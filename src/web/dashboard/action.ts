/** What the buttons of the dashboard do: the states and weights of servers, by the rules of the stats socket. */
import { serverAt } from '../../admin/commands/server-at.ts';
import type { AdminSide } from '../../daemon/admin-side.ts';
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
export function act(side: AdminSide, { backend, server, what, weight }: Action): string | null {
  const record = serverAt(side, `${backend}/${server}`);
  if (typeof record === 'string') return `${record.trim()} It may have gone with a reload.`;
  const { index } = record.plan;
  if (what === 'weight') {
    const wanted = requestedWeight(weight, record.model.weight, record.growsSlowly);
    if (typeof wanted === 'string') return wanted.trim();
    side.board.setWeight(index, wanted);
  } else side.board.setAdmin(index, what);
  side.journal.notice(`dashboard: ${backend}/${server} ${what === 'weight' ? `weight ${weight}` : what}`);
  return null;
}
