/**
 * Listening sockets that a reload keeps: where the next configuration listens at the same address in the same way, it does
 * so on the same sockets. Nobody is refused, and who waits in their accept queues is let in by whoever comes first.
 *
 * Not here: sockets of another process (src/sys/taken-sockets.ts).
 */
import { addressText } from '../core/address.ts';
import type { Listener } from '../sys/listen.ts';
import type { BindOptions } from './bind-sockets.ts';

export interface Keepable extends Listener {
  /** See keyOf. */
  readonly key: string;
}

export class KeptSockets {
  readonly #left = new Map<string, Keepable[]>();
  readonly #byPort = new Map<number, number[]>();

  constructor(listeners: readonly Keepable[]) {
    for (const listener of listeners) {
      const { key, port, fds, unix } = listener;
      this.#left.set(key, [...(this.#left.get(key) ?? []), listener]);
      if (!unix) this.#byPort.set(port, [...(this.#byPort.get(port) ?? []), ...fds]);
    }
  }

  /** Each once. */
  take(options: BindOptions): Keepable | undefined {
    return this.#left.get(keyOf(options))?.shift();
  }

  /** All that listen there, at whatever address: they do not mean that the port is somebody else's. */
  onPort(port: number): readonly number[] {
    return this.#byPort.get(port) ?? [];
  }
}

/** What makes a socket what it is. How many may wait can be changed. */
export function keyOf(options: BindOptions): string {
  const { address, backlog: _, ...rest } = options;
  return JSON.stringify([addressText(address), rest]);
}
