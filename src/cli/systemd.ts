/** Tells systemd that the service is ready (Type=notify), where systemd started us: sd_notify(3). */
import type { Journal } from '../daemon/journal.ts';
import { notifySystemd } from '../daemon/notify.ts';
import { environment } from './environment.ts';

export function tellSystemd(journal: Journal): void {
  const socket = environment['NOTIFY_SOCKET'];
  if (socket === undefined || socket === '') return;
  if (!notifySystemd(socket, `READY=1\nMAINPID=${process.pid}\nSTATUS=Ready.\n`)) {
    journal.warning(`systemd does not listen on NOTIFY_SOCKET=${socket}`);
  }
}
