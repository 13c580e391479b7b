/** Answers on the stats sockets of what runs, until it ends. */
import { StatsServer } from '../admin/stats-server.ts';
import { packageVersion } from '../core/package-version.ts';
import type { Control } from '../daemon/control.ts';
import { environment } from './environment.ts';

export function serveStats(control: Control): void {
  const server = new StatsServer(() => control.admin, { environment, packageVersion: packageVersion() });
  control.whenReloaded(() => server.follow());
}
