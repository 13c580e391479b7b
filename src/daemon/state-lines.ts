/** What HAProxy says when a server changes, in its words. Pure: a record as it is and is to be in, a line out. */
import { statusText } from '../health/words.ts';
import {
  ADMIN_DRAIN,
  ADMIN_FORCED_DRAIN,
  ADMIN_FORCED_MAINT,
  ADMIN_INHERITED_MAINT,
  ADMIN_UNRESOLVED,
  type ServerRecord,
} from './server-record.ts';

const ALERT = 1;
const NOTICE = 5;

/** What stands behind the server's name; `counts`: what its backend has left, or now, comes behind that. */
export interface Line {
  /** 0 emerg to 7 debug. */
  readonly level: number;
  readonly text: string;
  readonly counts: boolean;
}

/** A check, an agent, traffic, another server, or an operator's word on its health. */
export function operationLine(record: ServerRecord, wasStopping: boolean): Line {
  const why = statusText(record.reason, viaOf(record));
  switch (record.nextOperation) {
    case 'stopped':
      return { level: wasStopping ? NOTICE : ALERT, text: `is DOWN${why}`, counts: true };
    case 'stopping':
      return { level: NOTICE, text: `is stopping${why}`, counts: true };
    default:
      return { level: NOTICE, text: `is UP${why}`, counts: true };
  }
}

export function maintenanceLine(record: ServerRecord, wasDown: boolean, wasStopping: boolean): Line {
  const via = (record.nextAdmin & ADMIN_FORCED_MAINT) !== 0 ? '' : statusText(null, viaOf(record));
  if (wasDown) return { level: NOTICE, text: `was DOWN and now enters maintenance${via}`, counts: false };
  return { level: wasStopping ? NOTICE : ALERT, text: `is going DOWN for maintenance${via}`, counts: true };
}

/** Before it is committed. */
export function leavesMaintenanceLine(record: ServerRecord): Line {
  const { admin, nextAdmin } = record;
  const gone = admin & ~nextAdmin;
  const ready = (nextAdmin & ADMIN_DRAIN) === 0 ? 'READY' : 'DRAIN';
  const now = `is ${healthWord(record)}/${ready}`;
  let text = `${now} (leaving forced maintenance)`;
  if ((gone & ADMIN_UNRESOLVED) !== 0) text = `('${record.model.address.host}') ${now} (resolves again)`;
  if ((gone & ADMIN_INHERITED_MAINT) !== 0) text = `${now} (leaving maintenance)`;
  return { level: NOTICE, text, counts: false };
}

/** One of several reasons is gone; null: nothing is said. */
export function staysInMaintenanceLine(record: ServerRecord): Line | null {
  const { admin, nextAdmin } = record;
  const gone = admin & ~nextAdmin;
  const via = viaText(record);
  if ((gone & ADMIN_FORCED_MAINT) !== 0) return note(`is leaving forced maintenance but remains in maintenance${via}`);
  if ((gone & ADMIN_UNRESOLVED) !== 0) {
    return note(`('${record.model.address.host}') resolves again but remains in maintenance${via}`);
  }
  return (gone & ADMIN_INHERITED_MAINT) !== 0 ? note('remains in forced maintenance') : null;
}

export function drainLine(record: ServerRecord): Line {
  const via = (record.nextAdmin & ADMIN_FORCED_DRAIN) !== 0 ? '' : statusText(null, viaOf(record));
  return { level: NOTICE, text: `enters drain state${via}`, counts: true };
}

export function leavesDrainLine(record: ServerRecord): Line {
  return note(`is ${healthWord(record)} (leaving forced drain)`);
}

/** HAProxy says so at each change while it lasts. */
export function staysInDrainLine(record: ServerRecord): Line {
  if ((record.nextAdmin & ADMIN_FORCED_DRAIN) !== 0) return note('remains in forced drain mode');
  return note(`is leaving forced drain but remains in drain mode${viaText(record)}`);
}

function note(text: string): Line {
  return { level: NOTICE, text, counts: false };
}

function healthWord({ nextOperation }: ServerRecord): string {
  return nextOperation === 'stopped' ? 'DOWN' : 'UP';
}

function viaOf({ tracked }: ServerRecord): string | null {
  return tracked === null ? null : tracked.path;
}

function viaText(record: ServerRecord): string {
  return statusText(null, viaOf(record));
}
