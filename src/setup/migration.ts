/**
 * Taking a machine from haproxy and keepalived to Tandem, and back, as steps.
 *
 *   there   files ─▶ what was is remembered ─▶ keepalived ends: the other box has the addresses ─▶ haproxy ends ─▶ Tandem starts
 *   back    Tandem ends: the other box has the addresses ─▶ haproxy starts ─▶ keepalived starts ─▶ what was is forgotten
 *
 * So who owns addresses goes first and comes last: there is never a box that has them and cannot serve. Not here: whether the
 * files mean the same to both (src/cli/migrate.ts).
 */
import type { Box } from './box.ts';
import { run } from './install.ts';
import { ABSENT, type ServiceState, serviceState } from './services.ts';
import type { Step } from './steps.ts';

export const MEMORY_PATH = '/var/lib/tandem/migration.json';
const TANDEM = 'tandem.service';
export const HAPROXY = 'haproxy.service';
export const KEEPALIVED = 'keepalived.service';

/** How the old services were before anything was changed. */
export interface Memory {
  readonly haproxy: ServiceState;
  readonly keepalived: ServiceState;
}

/** null: nothing is remembered. */
export function recall(box: Box): Memory | null {
  const text = box.read(MEMORY_PATH);
  if (text === null) return null;
  try {
    const { haproxy, keepalived } = JSON.parse(text) as Partial<Memory>;
    return isState(haproxy) && isState(keepalived) ? { haproxy, keepalived } : null;
  } catch {
    return null;
  }
}

/** How they are now; null: systemctl does not say. */
export async function lookAtServices(box: Box): Promise<Memory | null> {
  const haproxy = await serviceState(box, HAPROXY);
  const keepalived = await serviceState(box, KEEPALIVED);
  return haproxy === null || keepalived === null ? null : { haproxy, keepalived };
}

/** `now`: what is still to be taken over; `before`: what is remembered of an earlier try, which was the truth. */
export function stepsToTandem(box: Box, now: Memory, before: Memory | null): readonly Step[] {
  const text = `${JSON.stringify(before ?? now, null, 2)}\n`;
  const remember: Step = { kind: 'write', path: MEMORY_PATH, text, note: 'how haproxy and keepalived were' };
  return [
    ...(before === null ? [remember] : []),
    ...end(box, KEEPALIVED, now.keepalived, 'says good-bye: the other box takes the addresses'),
    ...end(box, HAPROXY, now.haproxy, 'what is open on it ends; new clients of this box wait for the next step'),
    ...begin(box, TANDEM, { there: true, enabled: true, active: true }, 'returns when clients are answered'),
  ];
}

export function stepsToHaproxy(box: Box, before: Memory): readonly Step[] {
  return [
    ...end(box, TANDEM, { there: true, enabled: true, active: true }, 'hands the addresses over, then ends'),
    ...begin(box, HAPROXY, before.haproxy, ''),
    ...begin(box, KEEPALIVED, before.keepalived, 'last: it may take the addresses, and can serve'),
    ...(box.isThere(MEMORY_PATH) ? [{ kind: 'remove', path: MEMORY_PATH, note: '' } as const] : []),
  ];
}

/** Where nothing is remembered: whatever there is of them is to run. */
export function everythingThere({ haproxy, keepalived }: Memory): Memory {
  const on = ({ there }: ServiceState): ServiceState => (there ? { there, enabled: true, active: true } : ABSENT);
  return { haproxy: on(haproxy), keepalived: on(keepalived) };
}

function end(box: Box, unit: string, { there, enabled, active }: ServiceState, note: string): readonly Step[] {
  if (!there || (!enabled && !active)) return [];
  return [box.root === '' ? run(['systemctl', 'disable', '--now', unit], note) : offline(box, 'disable', unit)];
}

function begin(box: Box, unit: string, { there, enabled, active }: ServiceState, note: string): readonly Step[] {
  if (!there) return [];
  if (box.root !== '') return enabled ? [offline(box, 'enable', unit)] : [];
  if (enabled) return [run(['systemctl', 'enable', ...(active ? ['--now'] : []), unit], note)];
  return active ? [run(['systemctl', 'start', unit], note)] : [];
}

function offline(box: Box, verb: string, unit: string): Step {
  return run(['systemctl', `--root=${box.root}`, verb, unit]);
}

function isState(value: unknown): value is ServiceState {
  const flags = ['there', 'enabled', 'active'] as const;
  const state = value as Partial<ServiceState> | null | undefined;
  return flags.every((flag) => typeof state?.[flag] === 'boolean');
}
