/**
 * Real servers of virtual servers as rows of `tandem top`, with rates: the kernel's counters are read once in some seconds, so
 * looking at two statuses is not enough.
 */

import { realServerAddress, realServerState, weightText } from '../admin/l4-states.ts';
import { realServerNote } from '../admin/l4-text.ts';
import type { Status } from '../admin/status.ts';
import { SteppedRate } from '../admin/stepped-rate.ts';

export interface L4Row {
  /** `[192.0.2.1]:tcp:80/10.0.0.71:80` */
  readonly name: string;
  readonly state: string;
  /** New connections a second. */
  readonly rate: number;
  /** Connections that are established. */
  readonly conns: number;
  /** Bytes a second. */
  readonly out: number;
  readonly note: string;
  /** By their names, as `set lvs` takes them. */
  readonly virtual: string;
  readonly server: string;
}

interface Rates {
  readonly connections: SteppedRate;
  readonly out: SteppedRate;
}

export class L4Rows {
  #rates: ReadonlyMap<string, Rates> = new Map();

  /** At each look once. */
  look({ pair, wallMs }: Status): readonly L4Row[] {
    const before = this.#rates;
    const rates = new Map<string, Rates>();
    // Of a daemon that knows none there is nothing.
    const rows = (pair?.virtualServers ?? []).flatMap((virtual) =>
      virtual.servers.map((server): L4Row => {
        const name = `${virtual.name}/${realServerAddress(server)}`;
        const own = before.get(name) ?? { connections: new SteppedRate(), out: new SteppedRate() };
        rates.set(name, own);
        return {
          ...{ name, state: realServerState(server).toUpperCase(), conns: server.figures.active },
          rate: own.connections.look(wallMs, server.figures.connections),
          out: own.out.look(wallMs, server.figures.replyBytes),
          note: `weight ${weightText(server)}  ${realServerNote(server, wallMs)}`,
          ...{ virtual: virtual.name, server: server.name },
        };
      }),
    );
    this.#rates = rates;
    return rows;
  }
}
