/** What the program does, in the one line that `systemctl status` shows. */
import { STATE_DRAIN, STATE_UP } from '../proxy/shared-state.ts';
import type { Control } from './control.ts';
import type { Pair } from './pair.ts';

export function statusLine(control: Control | null, pair: Pair | null): string {
  const parts: string[] = [];
  if (control !== null) {
    const states = control.admin.board.servers.map(({ state }) => state);
    const running = states.filter((state) => state === STATE_UP || state === STATE_DRAIN).length;
    parts.push(`${control.connections} connections, ${running} of ${states.length} servers up`);
    if (control.plan.generation > 1) parts.push(`configuration ${control.plan.generation}`);
  }
  for (const { model, phase } of pair?.instances ?? []) parts.push(`${model.name} ${phase}`);
  const { all, up } = pair?.virtualServerCount ?? { all: 0, up: 0 };
  if (all > 0) parts.push(`${up} of ${all} virtual servers up`);
  return parts.length === 0 ? 'Ready.' : parts.join('; ');
}
