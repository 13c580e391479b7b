/** Which address and port of ours a connection has: getsockname(2). */
import type { Endpoint } from '../core/address.ts';
import { AF_INET, AF_INET6 } from './constants.ts';
import * as libc from './libc.ts';
import { scratchAddress, scratchBytes } from './memory.ts';
import { SOCKADDR_MAX_BYTES } from './sockaddr.ts';

const LENGTH_AT = 128;
const NOWHERE: Endpoint = { family: 0, address: new Uint8Array(0), port: 0 };

export function localEnd(fd: number): Endpoint {
  scratchBytes.writeInt32LE(SOCKADDR_MAX_BYTES, LENGTH_AT);
  if (libc.getsockname(fd, scratchAddress, scratchAddress + LENGTH_AT) < 0) return NOWHERE;
  const port = scratchBytes.readUInt16BE(2);
  switch (scratchBytes.readUInt16LE(0)) {
    case AF_INET:
      return { family: 4, address: Uint8Array.from(scratchBytes.subarray(4, 8)), port };
    case AF_INET6:
      return { family: 6, address: Uint8Array.from(scratchBytes.subarray(8, 24)), port };
    default:
      return NOWHERE;
  }
}
