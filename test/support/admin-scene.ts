/** A stats server over a unix socket of its own, on a fake program; for tests of what is said there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StatsServer } from '../../src/admin/stats-server.ts';
import { FakeAdminSide } from './admin-side.ts';
import { ask } from './stats-client.ts';

export const PROXIES = `
defaults
 mode http
 timeout connect 1s
 timeout client 1s
 timeout server 1s
frontend web
 bind :80
 default_backend app
backend app
 cookie SRV insert
 server s1 192.0.2.1:80 weight 10 cookie a
 server s2 192.0.2.2:80 check backup
 server s3 [2001:db8::1]:80 disabled id 7
listen tcp
 mode tcp
 bind :81
 server t1 192.0.2.4:81
`;

export class AdminScene {
  readonly folder = mkdtempSync(join(tmpdir(), 'tandem-admin-'));
  readonly path = join(this.folder, 'stats.sock');
  readonly side: FakeAdminSide;

  /** `parameters` of the socket's line; `global`: further lines of that section; `isMaster`: it is the one of `-S`. */
  constructor(parameters = 'level admin', global = '', proxies = PROXIES, isMaster = false) {
    this.side = new FakeAdminSide(
      `global\n stats socket ${this.path} ${parameters}\n${global}\n${proxies}`,
      undefined,
      isMaster,
    );
    new StatsServer(() => this.side, { environment: { HOME: '/root', EMPTY: '' }, packageVersion: '1.2.3' });
  }

  ask(text: string): Promise<string> {
    return ask(this.path, `${text}\n`);
  }

  close(): void {
    this.side.stop();
    this.side.end();
    for (const listener of this.side.listeners) listener.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
