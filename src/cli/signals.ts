/**
 * Signals, as HAProxy obeys them, while a control process runs.
 *
 *   TERM, INT   everything ends now            USR1   finish what is there, then end
 *   HUP         states of servers to the logs; with a master process: reload       USR2   reload
 */
import type { Control } from '../daemon/control.ts';
import type { Journal } from '../daemon/journal.ts';

export interface SignalWatch {
  /** The one that stopped it, if one did. */
  readonly stoppedBy: () => 'SIGTERM' | 'SIGINT' | null;
  /** Signals mean again what they mean to any program. */
  release(): void;
}

const RELOAD = 'reloading is not supported yet: restart, or start a new one with -sf and this pid';

export function watchSignals(control: Control, journal: Journal, masterWorker: boolean): SignalWatch {
  let stoppedBy: 'SIGTERM' | 'SIGINT' | null = null;
  const stop = (signal: 'SIGTERM' | 'SIGINT') => {
    stoppedBy = signal;
    control.stop();
  };
  const refuseReload = () => journal.warning(RELOAD);
  const handlers: Readonly<Partial<Record<NodeJS.Signals, () => void>>> = {
    SIGTERM: () => stop('SIGTERM'),
    SIGINT: () => stop('SIGINT'),
    SIGUSR1: () => control.drain(),
    SIGUSR2: refuseReload,
    SIGHUP: masterWorker ? refuseReload : () => control.dumpStates(),
  };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  return {
    stoppedBy: () => stoppedBy,
    release: () => {
      for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
    },
  };
}
