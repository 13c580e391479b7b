/** One socket for all virtual routers that speak on the same interface in the same way. */
import type { Received } from './acceptance.ts';
import type { OpenRawSocket, RawSocket, RawSocketOptions } from './raw-socket.ts';

export interface SocketUse {
  readonly engine: RawSocket['engine'];
  send(message: Uint8Array, source: string, destination: string, ttl: number): string | null;
  drain(): Promise<void>;
  close(): void;
}

interface Shared {
  readonly socket: RawSocket;
  readonly receivers: Set<(received: Received) => void>;
}

export class SocketPool {
  readonly #open: OpenRawSocket;
  readonly #say: (text: string) => void;
  readonly #shared = new Map<string, Shared>();

  constructor(open: OpenRawSocket, say: (text: string) => void) {
    this.#open = open;
    this.#say = say;
  }

  /** Throws an Error with a message for the operator. */
  use(options: RawSocketOptions, receive: (received: Received) => void): SocketUse {
    const key = `${options.family} ${options.receiveOn} ${options.sendOn} ${options.group}`;
    const shared = this.#shared.get(key) ?? this.#create(key, options);
    shared.receivers.add(receive);
    const { socket } = shared;
    return {
      engine: socket.engine,
      send: (message, source, destination, ttl) => socket.send(message, source, destination, ttl),
      drain: () => socket.drain(),
      close: () => {
        shared.receivers.delete(receive);
        if (shared.receivers.size > 0 || this.#shared.get(key) !== shared) return;
        this.#shared.delete(key);
        socket.close();
      },
    };
  }

  #create(key: string, options: RawSocketOptions): Shared {
    const receivers = new Set<(received: Received) => void>();
    const hear = (received: Received): void => {
      for (const receive of [...receivers]) receive(received);
    };
    const socket = this.#open(options, hear, this.#say);
    const shared = { socket, receivers };
    this.#shared.set(key, shared);
    return shared;
  }
}
