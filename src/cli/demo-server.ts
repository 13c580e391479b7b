/**
 * One of the demo's web servers: says which one it is; can be stopped and started again on the same port. To the demo's own
 * visitors it is a shop, which takes its time and fails now and then, as shops do.
 */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemTimers } from '../core/clock.ts';
import { systemRandom } from '../core/random.ts';

/** Where visitors go. */
export const SHOP_PATH = '/shop';
const LEAST_MS = 15;
const MORE_MS = 90;
const PAGE_BYTES = 6000;
const LOST_SHARE = 0.03;
const BROKEN_SHARE = 0.004;

export class DemoServer {
  readonly name: string;
  #server: Server | null = null;
  #port = 0;
  #requests = 0;

  constructor(name: string) {
    this.name = name;
  }

  get port(): number {
    return this.#port;
  }

  get running(): boolean {
    return this.#server !== null;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      if (request.url === '/health') return response.end('fine\n');
      if (request.url === SHOP_PATH) return serveShop(response);
      this.#requests++;
      return response.end(`hello from ${this.name} (its request number ${this.#requests})\n`);
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  stop(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
    this.#server = null;
  }

  async toggle(): Promise<void> {
    if (this.running) this.stop();
    else await this.start();
  }
}

function serveShop(response: ServerResponse): void {
  const luck = systemRandom.next();
  response.statusCode = luck < BROKEN_SHARE ? 500 : luck < BROKEN_SHARE + LOST_SHARE ? 404 : 200;
  const page = 'x'.repeat(Math.floor(systemRandom.next() * PAGE_BYTES));
  // Most are quick, some are not.
  const delayMs = LEAST_MS + MORE_MS * systemRandom.next() ** 3;
  systemTimers.after(delayMs, () => response.end(page));
}
