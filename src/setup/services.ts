/** The services of a machine, as systemctl tells of them; and those that Tandem takes the place of. */
import type { Box } from './box.ts';

export interface ServiceState {
  readonly there: boolean;
  readonly enabled: boolean;
  readonly active: boolean;
}

export const ABSENT: ServiceState = { there: false, enabled: false, active: false };

/** null: systemctl gives no answer. */
export async function serviceState(box: Box, unit: string): Promise<ServiceState | null> {
  if (box.root !== '') return stateInFolder(box, unit);
  const show = ['systemctl', 'show', '--property=LoadState,UnitFileState,ActiveState', unit];
  const { ok, output } = await box.run(show);
  if (!ok) return null;
  const values = new Map(output.split('\n').map((line) => [line.replace(/=.*/s, ''), line.replace(/^[^=]*=/, '')]));
  const there = values.get('LoadState') === 'loaded';
  const enabled = ['enabled', 'enabled-runtime', 'linked'].includes(values.get('UnitFileState') ?? '');
  return { there, enabled, active: ['active', 'activating', 'reloading'].includes(values.get('ActiveState') ?? '') };
}

/** Of a machine that does not run yet. */
async function stateInFolder(box: Box, unit: string): Promise<ServiceState> {
  const { ok, output } = await box.run(['systemctl', `--root=${box.root}`, 'is-enabled', unit]);
  const word = output.trim();
  return { there: ok || word === 'disabled', enabled: ok && word === 'enabled', active: false };
}
