/** Tells systemd how the service is (Type=notify, notify-reload), where systemd started us: sd_notify(3). */
import { monotonicMicroseconds } from '../core/clock.ts';
import type { Journal } from '../daemon/journal.ts';
import { notifySystemd } from '../daemon/notify.ts';
import { environment } from './environment.ts';

/** After the start, and after a reload. */
export function tellSystemd(journal: Journal): void {
  tell(journal, `READY=1\nMAINPID=${process.pid}\nSTATUS=Ready.\n`);
}

export function tellReloading(journal: Journal): void {
  tell(journal, `RELOADING=1\nMONOTONIC_USEC=${monotonicMicroseconds()}\nSTATUS=Reloading.\n`);
}

export function tellStopping(journal: Journal): void {
  tell(journal, 'STOPPING=1\nSTATUS=Stopping.\n');
}

function tell(journal: Journal, state: string): void {
  const socket = environment['NOTIFY_SOCKET'];
  if (socket === undefined || socket === '') return;
  if (!notifySystemd(socket, state)) journal.warning(`systemd does not listen on NOTIFY_SOCKET=${socket}`);
}
