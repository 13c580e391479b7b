/**
 * A client that has been told all there is to tell: what it still sends is thrown away for a moment, because closing on
 * unread bytes would answer with RST, and RST takes with it what the client has not read yet.
 *
 * Not here: when that begins and how long it lasts (http-clients.ts).
 */
import type { SocketHandler } from '../sys/poller.ts';
import type { ClientConnection } from './connection.ts';
import type { HttpClients } from './http-clients.ts';

export class Lingering implements SocketHandler {
  readonly #clients: HttpClients;

  constructor(clients: HttpClients) {
    this.#clients = clients;
  }

  onConnected(): void {}

  onData(): void {}

  onEnd(client: ClientConnection): void {
    if (client.pending === null) this.#clients.close(client, false);
  }

  onError(client: ClientConnection): void {
    this.#clients.close(client, false);
  }

  onSendFailed(client: ClientConnection): void {
    this.#clients.close(client, false);
  }

  onDrained(client: ClientConnection): void {
    this.#clients.lingerDrained(client);
  }

  onDry(): void {}

  onTimeout(client: ClientConnection): void {
    this.#clients.close(client, false);
  }
}
