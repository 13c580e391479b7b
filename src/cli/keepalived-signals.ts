/** The numbers of keepalived's signals, for `kill -s $(tandem-keepalived --signum=DATA) PID`. */
import { clearStatisticsSignal, jsonSignal } from '../daemon/pair-dumps.ts';

/** null: no such signal. */
export function signalNumber(name: string): number | null {
  switch (name) {
    case 'STOP':
      return 15;
    case 'RELOAD':
      return 1;
    case 'DATA':
      return 10;
    case 'STATS':
      return 12;
    case 'STATS_CLEAR':
      return clearStatisticsSignal();
    case 'JSON':
      return jsonSignal();
    default:
      return null;
  }
}
