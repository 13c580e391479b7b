/** One of the demo's web servers: says which one it is; can be stopped and started again on the same port. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

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
