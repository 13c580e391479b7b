/** An address that we set on an interface, and the words of `ip` for it. Pure. */

export interface KeptAddress {
  /** Canonical text. */
  readonly ip: string;
  readonly family: 4 | 6;
  readonly prefixLength: number;
  readonly device: string;
  /** Words between the interface and the lifetimes, such as `scope link label eth0:1`. */
  readonly words: readonly string[];
  /** The far end and its prefix, when it is a point-to-point address. */
  readonly peer: string | null;
  /** Behind the lifetimes: `nodad`, `noprefixroute`, … */
  readonly flags: readonly string[];
  /** null: for ever. */
  readonly preferredLifetimeS: number | null;
  /** Losing it by another's hand is not our business. */
  readonly untracked: boolean;
}

/** One per interface and address: what makes two of them the same to the kernel. */
export function addressKey(address: { readonly ip: string; readonly device: string }): string {
  return `${address.device} ${address.ip}`;
}

/**
 * `leaseS`: the kernel removes it by itself when nobody says this again for so long; null: it stays; 'forever': it stays,
 * also when it was leased before.
 */
export function addressReplaceCommand(address: KeptAddress, leaseS: number | 'forever' | null): string {
  const words = ['address', 'replace', ...subject(address), 'dev', address.device, ...address.words];
  const { preferredLifetimeS } = address;
  if (leaseS !== null || preferredLifetimeS !== null) {
    const validS = typeof leaseS === 'number' ? leaseS : Number.POSITIVE_INFINITY;
    const preferredS = Math.min(preferredLifetimeS ?? Number.POSITIVE_INFINITY, validS);
    words.push('valid_lft', lifetimeText(validS), 'preferred_lft', lifetimeText(preferredS));
  }
  return [...words, ...address.flags].join(' ');
}

function lifetimeText(seconds: number): string {
  return Number.isFinite(seconds) ? String(seconds) : 'forever';
}

export function addressDeleteCommand(address: KeptAddress): string {
  return ['address', 'del', ...subject(address), 'dev', address.device].join(' ');
}

function subject(address: KeptAddress): string[] {
  return address.peer === null ? [`${address.ip}/${address.prefixLength}`] : [address.ip, 'peer', address.peer];
}
