/** What signals mean to proxies that run alone; with a pair it is src/daemon/paired-control.ts. */
import type { Control } from '../daemon/control.ts';
import type { Reloads } from '../daemon/reloads.ts';
import type { Systemd } from '../daemon/systemd.ts';
import type { Obedient } from './signals.ts';

/** systemd hears of the end first. Who asks on a stats socket gets the same reload. */
export function obedienceOf(control: Control, reloads: Reloads, systemd: Systemd): Obedient {
  control.reloadBy(() => reloads.ask(), reloads.counts);
  const leave = (how: () => void) => (): void => {
    systemd.stopping();
    how();
  };
  return {
    stop: leave(() => control.stop()),
    drain: leave(() => control.drain()),
    dumpStates: () => control.dumpStates(),
    reload: () => void reloads.ask(),
  };
}
