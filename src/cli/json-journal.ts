/** The journal for collectors: one JSON object a line, by pino. Loaded only where it is used. */
import { pino } from 'pino';
import type { Journal, WriteLine } from '../daemon/journal.ts';

export function jsonJournal(write: WriteLine): Journal {
  const log = pino({ name: 'tandem' }, { write });
  return {
    notice: (message) => log.info(message),
    warning: (message) => log.warn(message),
    alert: (message) => log.error(message),
  };
}
