/**
 * Socket addresses as values: plain data that survives JSON, so that the model, the plan and the data process share them.
 *
 * Not here: resolving names (src/daemon), and the kernel's sockaddr layout (src/sys/sockaddr.ts).
 */

/** An IPv4 or IPv6 address in text form as `node:net` accepts it, with a TCP port (0: none given). */
export interface InetAddress {
  readonly family: 4 | 6;
  readonly ip: string;
  readonly port: number;
}

/** A unix stream socket; a path that starts with `@` is in the abstract namespace. */
export interface UnixAddress {
  readonly family: 'unix';
  readonly path: string;
}

/** A socket that is already listening and was inherited under this descriptor number. */
export interface InheritedSocket {
  readonly family: 'fd';
  readonly fd: number;
}

/** One end of a connection, as the kernel or a PROXY header tells it. Family 0: it is not IP, and nothing else of it is known. */
export interface Endpoint {
  readonly family: 0 | 4 | 6;
  /** 4 or 16 bytes in network order. */
  readonly address: Uint8Array;
  readonly port: number;
}

export type Address = InetAddress | UnixAddress | InheritedSocket;

/** A CIDR block; `ip` holds the text form, `prefixLength` counts bits from the left. */
export interface Network {
  readonly family: 4 | 6;
  readonly ip: string;
  readonly prefixLength: number;
}

/** For messages, as one would write it in a `bind` line: `127.0.0.1:80`, `[::1]:80`, `/run/a.sock`, `fd@3`. */
export function addressText(address: Address): string {
  switch (address.family) {
    case 4:
      return `${address.ip}:${address.port}`;
    case 6:
      return `[${address.ip}]:${address.port}`;
    case 'unix':
      return address.path;
    case 'fd':
      return `fd@${address.fd}`;
  }
}
