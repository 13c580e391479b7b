/**
 * `source`: the address that connections to servers leave from. The same in the model and in the plan, and for checks.
 * Not here: binding to it (src/sys/connect-source.ts).
 */
import type { InetAddress } from './address.ts';

/** `usesrc`: the address that servers see, which need not be one of ours. */
export type ForeignSource =
  | { readonly kind: 'address'; readonly address: InetAddress }
  /** The client's, with or without its port. */
  | { readonly kind: 'client' }
  | { readonly kind: 'clientip' }
  /** That in a field of the request; the n-th value, from the end if negative. */
  | { readonly kind: 'header'; readonly name: string; readonly occurrence: number };

export interface SourceAddress {
  readonly family: 4 | 6;
  /** `0.0.0.0` and `::` leave the choice to the kernel. */
  readonly ip: string;
  /** Both 0: the kernel chooses. */
  readonly firstPort: number;
  readonly lastPort: number;
  /** SO_BINDTODEVICE; '': whichever the routes say. */
  readonly interface: string;
  readonly foreign: ForeignSource | null;
}
