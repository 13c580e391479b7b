/**
 * Which of root's powers this process has, and which it could not even get (capabilities(7)), from /proc/self/status; and
 * giving them up. Powers belong to a thread, which hands its own to those that it starts.
 */
import { readFileSync } from 'node:fs';
import { PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, PR_CAPBSET_DROP, PR_SET_KEEPCAPS } from './constants.ts';
import * as libc from './libc.ts';
import { scratchAddress, scratchBytes } from './memory.ts';

export interface Capabilities {
  /** Bit masks. */
  readonly effective: bigint;
  readonly bounding: bigint;
}

export const CAPABILITY_BITS = { CAP_NET_ADMIN: 12, CAP_NET_RAW: 13, CAP_IPC_LOCK: 14, CAP_SYS_NICE: 23 } as const;
export type CapabilityName = keyof typeof CAPABILITY_BITS;

export function ownCapabilities(): Capabilities {
  return parseCapabilities(readFileSync('/proc/self/status', 'latin1'));
}

/** What is not there is not granted. */
export function parseCapabilities(status: string): Capabilities {
  const mask = (name: string): bigint => {
    const digits = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1];
    return BigInt(`0x${digits ?? '0'}`);
  };
  return { effective: mask('CapEff'), bounding: mask('CapBnd') };
}

export function hasCapability(mask: bigint, name: CapabilityName): boolean {
  return ((mask >> BigInt(CAPABILITY_BITS[name])) & 1n) === 1n;
}

const VERSION_3 = 0x20080522;
/** struct __user_cap_header_struct { version, pid }; struct __user_cap_data_struct [2] { effective, permitted, inheritable } */
const HEADER_BYTES = 8;
const DATA_BYTES = 24;
/** More than any kernel has: those that there are not are refused, and do not matter. */
const MOST_CAPABILITIES = 64;

/** Nothing that the calling thread executes can have any of them, whoever it runs as. It takes CAP_SETPCAP. */
export function emptyBoundingSet(): void {
  for (let bit = 0; bit < MOST_CAPABILITIES; bit++) libc.prctl(PR_CAPBSET_DROP, bit, 0, 0, 0);
}

/** The calling thread does not lose them when the process becomes another user, only the use of them. */
export function keepPermitted(): void {
  libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
}

/**
 * The calling thread has no capability from now on but `kept`, if it has that, and none to hand on. Throws if it has others.
 */
export function dropCapabilities(kept: CapabilityName | null = null): void {
  // Kernels before 4.3 have no ambient ones.
  libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  libc.prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
  scratchBytes.fill(0, 0, HEADER_BYTES + DATA_BYTES);
  scratchBytes.writeUInt32LE(VERSION_3, 0);
  if (kept !== null) {
    const bit = 2 ** CAPABILITY_BITS[kept];
    scratchBytes.writeUInt32LE(bit, HEADER_BYTES);
    scratchBytes.writeUInt32LE(bit, HEADER_BYTES + 4);
    if (libc.capset(scratchAddress, scratchAddress + HEADER_BYTES) === 0) return;
    scratchBytes.fill(0, HEADER_BYTES, HEADER_BYTES + DATA_BYTES);
  }
  if (libc.capset(scratchAddress, scratchAddress + HEADER_BYTES) < 0) throw new Error('Cannot drop capabilities.');
}
