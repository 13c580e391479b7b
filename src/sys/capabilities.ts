/** Which of root's powers this process has, and which it could not even get (capabilities(7)), from /proc/self/status. */
import { readFileSync } from 'node:fs';

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
