/** A syslog server on loopback, read when the test asks, without waiting: a simulated proxy has sent what it logs by then. */
import { AF_INET, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from '../../src/sys/constants.ts';
import * as libc from '../../src/sys/libc.ts';
import { must, RawAddress, RawPeer } from '../sys/raw-peer.ts';

export class LogReceiver {
  readonly port: number;
  readonly #peer: RawPeer;

  constructor() {
    const fd = must(libc.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const address = new RawAddress({ family: 4, ip: '127.0.0.1', port: 0 });
    must(libc.bind(fd, address.address, address.lengthBytes));
    address.readFrom(fd);
    this.port = address.port;
    this.#peer = new RawPeer(fd);
  }

  /** Lines that have come since they were asked for last. */
  take(): string[] {
    this.#peer.received = Buffer.alloc(0);
    this.#peer.read();
    const lines = this.#peer.received.toString('latin1').split('\n');
    return lines.filter((line) => line !== '');
  }

  close(): void {
    this.#peer.close();
  }
}
