/**
 * From where a connection leaves: bind(2) before connect(2), as HAProxy does it. The port is chosen by the kernel when it
 * knows where to (IP_BIND_ADDRESS_NO_PORT), else two servers could not have connections from the same one; or it is the
 * next of a range.
 *
 * A foreign address, which is not on this machine, takes IP_TRANSPARENT, and that a capability (SECURITY.md). Without it
 * IP_FREEBIND is enough for addresses that are ours after all.
 */
import type { Endpoint } from '../core/address.ts';
import type { SourceAddress } from '../core/source-address.ts';
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  IP_BIND_ADDRESS_NO_PORT,
  IP_FREEBIND,
  IP_TRANSPARENT,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_FREEBIND,
  IPV6_TRANSPARENT,
  SO_BINDTODEVICE,
  SO_REUSEADDR,
  SOL_SOCKET,
} from './constants.ts';
import * as libc from './libc.ts';
import { allocate, scratchAddress, scratchBytes } from './memory.ts';
import { SOCKADDR_MAX_BYTES, writeSockaddr } from './sockaddr.ts';
import { setOption } from './socket-options.ts';

const ADDRESS_AT = { 4: 4, 6: 8 } as const;
const ADDRESS_BYTES = { 4: 4, 6: 16 } as const;

export class ConnectSource {
  /** Ports that are tried for one connection; HAProxy tries as many. */
  static readonly TRIES = 10;
  readonly #plan: SourceAddress;
  readonly #sockaddr = allocate(SOCKADDR_MAX_BYTES);
  readonly #device: Buffer | null;
  #lengthBytes = 0;
  #nextPort: number;
  #family: 4 | 6;
  /** The address is not (known to be) ours. */
  #foreign = false;

  constructor(plan: SourceAddress) {
    this.#plan = plan;
    this.#family = plan.family;
    this.#nextPort = plan.firstPort;
    this.#device = plan.interface === '' ? null : Buffer.from(`${plan.interface}\0`);
    this.useOwn();
  }

  /** From the configured address. */
  useOwn(): void {
    const { family, ip, firstPort } = this.#plan;
    this.#family = family;
    this.#foreign = false;
    this.#lengthBytes = writeSockaddr(this.#sockaddr.bytes, 0, { family, ip, port: firstPort });
  }

  /** From somebody else's. One without an address leaves as it would have without. */
  useForeign({ family, address, port }: Endpoint): void {
    if (family === 0) {
      this.useOwn();
      return;
    }
    this.#family = family;
    this.#foreign = true;
    this.#lengthBytes = writeSockaddr(this.#sockaddr.bytes, 0, { family, ip: family === 4 ? '0.0.0.0' : '::', port });
    this.#sockaddr.bytes.set(address.subarray(0, ADDRESS_BYTES[family]), ADDRESS_AT[family]);
  }

  /** 0, or the errno that stopped it. */
  bind(fd: number): number {
    const { firstPort, lastPort } = this.#plan;
    if (this.#device !== null) this.#bindToDevice(fd, this.#device);
    const ranged = !this.#foreign && lastPort > firstPort;
    if (!ranged) setOption(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    if (this.#foreign && !makeForeign(fd, this.#family)) return libc.errno();
    setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (!ranged) return this.#bind(fd);
    for (let tries = ConnectSource.TRIES; ; tries--) {
      this.#sockaddr.bytes.writeUInt16BE(this.#nextPort, 2);
      this.#nextPort = this.#nextPort < lastPort ? this.#nextPort + 1 : firstPort;
      const errno = this.#bind(fd);
      if (errno !== EADDRINUSE || tries === 1) return errno;
    }
  }

  /** Another port may do: this one is connected to that server already. */
  mayTryAgain(errno: number): boolean {
    return errno === EADDRNOTAVAIL && !this.#foreign && this.#plan.lastPort > this.#plan.firstPort;
  }

  #bind(fd: number): number {
    return libc.bind(fd, this.#sockaddr.address, this.#lengthBytes) < 0 ? libc.errno() : 0;
  }

  /** Where it is refused, routes decide: as with HAProxy. */
  #bindToDevice(fd: number, device: Buffer): void {
    scratchBytes.set(device, 0);
    libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, scratchAddress, device.length);
  }
}

/** False: with the errno of the last try. */
function makeForeign(fd: number, family: 4 | 6): boolean {
  if (family === 4) {
    return setOption(fd, IPPROTO_IP, IP_TRANSPARENT, 1) || setOption(fd, IPPROTO_IP, IP_FREEBIND, 1);
  }
  return setOption(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1) || setOption(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
}
