/** The journal for collectors: one JSON object a line, by pino. Loaded only where it is used. */
import { pino } from 'pino';
import type { Journal } from '../daemon/journal.ts';

export function jsonJournal(): Journal {
  // Synchronous: the last line before an exit is the one that matters.
  const log = pino({ name: 'tandem' }, pino.destination({ dest: 2, sync: true }));
  return {
    notice: (message) => log.info(message),
    warning: (message) => log.warn(message),
    alert: (message) => log.error(message),
  };
}
