/**
 * The seam between the election and the network: VRRP messages in and out of one interface. Two implementations, one
 * contract (test/vrrp/raw-socket.test.ts): `ffi` (this file, over src/sys) and `raw-socket` (addon-socket.ts, the package
 * of that name where it could be compiled).
 */
import { errorText } from '../core/error-text.ts';
import { RawIpSocket } from '../sys/raw-ip-socket.ts';
import type { Received } from './acceptance.ts';
import { ipPacket, parseIpv4Packet } from './ip-packet.ts';
import { type Family, ipText } from './ip-text.ts';
import { VRRP_PROTOCOL } from './packet.ts';

export interface RawSocketOptions {
  readonly family: Family;
  readonly receiveOn: string;
  readonly sendOn: string;
  /** null: unicast. */
  readonly group: string | null;
}

export interface RawSocket {
  readonly engine: 'ffi' | 'raw-socket';
  /** null, or what is wrong. */
  send(message: Uint8Array, source: string, destination: string, ttl: number): string | null;
  /** Everything that had arrived when it was called has been handed over. */
  drain(): Promise<void>;
  close(): void;
}

/** Throws an Error with a message for the operator. `say`: what happens to it later. */
export type OpenRawSocket = (
  options: RawSocketOptions,
  receive: (received: Received) => void,
  say: (text: string) => void,
) => RawSocket;

export const openFfiSocket: OpenRawSocket = (options, receive) => new FfiSocket(options, receive);

class FfiSocket implements RawSocket {
  readonly engine = 'ffi';
  readonly #socket: RawIpSocket;
  #id = 0;

  constructor(options: RawSocketOptions, receive: (received: Received) => void) {
    this.#socket = new RawIpSocket(
      { ...options, protocol: VRRP_PROTOCOL },
      {
        ipv4: (packet) => {
          const received = parseIpv4Packet(packet);
          if (received !== null) receive(received);
        },
        ipv6: (payload, { source, destination, hopLimit }) =>
          receive({
            source: ipText(source, 0, 6),
            destination: ipText(destination, 0, 6),
            ttl: hopLimit,
            message: Uint8Array.from(payload),
          }),
      },
    );
  }

  send(message: Uint8Array, source: string, destination: string, ttl: number): string | null {
    this.#id = (this.#id % 0xffff) + 1;
    const errno = this.#socket.send(ipPacket(message, source, destination, ttl, this.#id), destination);
    return errno === 0 ? null : errorText(errno);
  }

  async drain(): Promise<void> {
    this.#socket.drain();
  }

  close(): void {
    this.#socket.close();
  }
}
