/**
 * The web server with what it listens on, for the whole life of the program: addresses come and go with keepalived.conf, pages
 * see what runs at the moment of asking.
 */
import { addressText } from '../core/address.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import { packageVersion } from '../core/package-version.ts';
import type { InsideDoor, InsideSource } from '../daemon/inside-door.ts';
import { openWebListener, type WebAddress, type WebListener } from '../daemon/web-listener.ts';
import { Dashboard } from './dashboard/dashboard.ts';
import { InsidePages } from './inside.ts';
import { Metrics } from './metrics/metrics.ts';
import { metricsPage } from './metrics/metrics-page.ts';
import { pages } from './pages.ts';
import { WebServer } from './web-server.ts';
import type { WebSide } from './web-side.ts';

export class WebSite {
  readonly #metrics = new Metrics({
    side: () => this.#side(),
    clock: systemClock,
    timers: systemTimers,
    packageVersion: packageVersion(),
  });
  readonly #server: WebServer;
  readonly #side: () => WebSide;
  readonly #dashboard: Dashboard;
  #listeners: ReadonlyMap<string, WebListener> = new Map();

  /** `side`: as it is at the moment. */
  constructor(side: () => WebSide) {
    this.#side = side;
    this.#dashboard = new Dashboard({ side, clock: systemClock, timers: systemTimers });
    this.#server = new WebServer({ side, routes: pages(this.#metrics, this.#dashboard) });
  }

  /** What it listens on, as URLs. */
  get urls(): readonly string[] {
    return [...this.#listeners.values()].map(({ url }) => url);
  }

  /** Listens on these and no others; says what cannot be had. What can be, is. */
  listen(addresses: readonly WebAddress[]): readonly string[] {
    const listeners = new Map<string, WebListener>();
    const troubles: string[] = [];
    const before = this.#listeners;
    for (const { address, admin } of addresses) {
      const key = addressText(address);
      const opened = listeners.get(key) ?? before.get(key) ?? openWebListener(address);
      if (typeof opened === 'string') {
        troubles.push(opened);
        continue;
      }
      opened.admin = admin || (listeners.has(key) && opened.admin);
      listeners.set(key, opened);
    }
    this.#listeners = listeners;
    if (listeners.size > 0) this.#metrics.start();
    const open = [...listeners.values()];
    this.#server.follow(open);
    for (const listener of before.values()) if (!open.includes(listener)) listener.close();
    return troubles;
  }

  /** Serves what data processes ask for proxies, as soon as they have a door. */
  serveInside(door: InsideDoor, whoAsks: (secret: string) => InsideSource | null): void {
    const inside = new InsidePages({
      side: this.#side,
      whoAsks,
      metrics: metricsPage(this.#metrics),
      dashboard: this.#dashboard,
    });
    door.serveBy((fd) => {
      this.#metrics.start();
      this.#server.serveInside(fd, inside);
    });
  }

  close(): void {
    this.#server.close();
    this.#metrics.stop();
    for (const listener of this.#listeners.values()) listener.close();
    this.#listeners = new Map();
  }
}
