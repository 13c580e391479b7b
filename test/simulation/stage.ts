/** What clients and servers of a run have in common: the network they are on, what was asked, and how they behave. */
import type { SeededRandom } from '../support/random.ts';
import type { Calendar } from './calendar.ts';
import type { Client } from './client.ts';
import type { Counts } from './counts.ts';
import type { Manners } from './manners.ts';
import type { MessageWriter } from './message-writer.ts';
import type { Network } from './network.ts';
import type { Requests } from './requests.ts';

export interface Stage {
  readonly random: SeededRandom;
  readonly calendar: Calendar;
  readonly network: Network;
  readonly requests: Requests;
  readonly writer: MessageWriter;
  readonly counts: Counts;
  readonly manners: Manners;
  /** The proxy's process is dying: what it had under way is cut off in any way. */
  readonly dying: boolean;
  readonly tracing: boolean;
  trace(line: string): void;
  /** A client has come to its end. */
  left(client: Client): void;
}

/** What clients need to know of the listener that they go to. */
export interface Entrance {
  /** false: TCP. */
  readonly http: boolean;
  /** Of the backend: values of its cookie, by the index of the server; empty: it has none. */
  readonly cookies: readonly { readonly server: number; readonly field: Buffer }[];
  /** A client that half-closes gives up. */
  readonly abortsOnClose: boolean;
  /** Bytes that a head can have. */
  readonly headBytes: number;
}
