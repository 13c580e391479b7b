/** The dashboard's server in this process, on a fake program whose pair is what a test says; with the page as it was built. */
import { join } from 'node:path';
import { systemClock, systemTimers } from '../../../src/core/clock.ts';
import type { PairStatus } from '../../../src/daemon/pair-status.ts';
import { openWebListener } from '../../../src/daemon/web-listener.ts';
import { Assets } from '../../../src/web/dashboard/assets.ts';
import { Dashboard } from '../../../src/web/dashboard/dashboard.ts';
import { READ, READ_AND_POST, RouteTable } from '../../../src/web/routes.ts';
import { WebServer } from '../../../src/web/web-server.ts';
import { FakeAdminSide } from '../../support/admin-side.ts';

const PAGE = join(import.meta.dirname, '..', '..', '..', 'dist', 'web', 'dashboard', 'page');

export class DashboardFixture {
  readonly side: FakeAdminSide;
  readonly url: string;
  /** What buttons wanted of the pair. */
  readonly asked: string[] = [];
  readonly #server: WebServer;

  constructor(configuration: string, pair: () => PairStatus) {
    const side = new FakeAdminSide(configuration);
    const nobody = () => {
      throw new Error('the dashboard asks for the status alone');
    };
    side.pair = {
      ...{ view: nobody, figures: nobody, status: pair, head: pair },
      set: (name, hold) => {
        this.asked.push(`${name} ${hold}`);
        return [name];
      },
      setRealServer: (virtual, server, wish) => {
        this.asked.push(`${virtual} ${server} ${JSON.stringify(wish)}`);
        return true;
      },
      look: async () => {},
      virtualServers: () => pair().virtualServers,
    };
    const web = () => ({ proxies: side, pair: null, journal: side.journal });
    const assets = new Assets(PAGE);
    const dashboard = new Dashboard({ side: web, clock: systemClock, timers: systemTimers, assets });
    const routes = new RouteTable([
      { path: '/', methods: READ, answer: () => dashboard.page('parts/') },
      { path: '/parts/*', methods: READ_AND_POST, answer: (visit) => dashboard.part(visit.path.slice(7), visit) },
    ]);
    const listener = openWebListener({ family: 4, ip: '127.0.0.1', port: 0 });
    if (typeof listener === 'string') throw new Error(listener);
    listener.admin = true;
    this.#server = new WebServer({ side: web, routes });
    this.#server.follow([listener]);
    this.side = side;
    this.url = listener.url;
  }

  close(): void {
    this.#server.close();
    this.side.stop();
    this.side.end();
  }
}
