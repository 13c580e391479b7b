/**
 * What the servers of a virtual server have counted together, as a counter: the kernel forgets what a server counted when it is
 * taken out, and a sum that falls looks to Prometheus like a new beginning, so like all of it once more.
 */
import { figuresOfAll } from '../../admin/l4-states.ts';
import type { DestinationFigures } from '../../l4/kernel.ts';
import type { VirtualServerStatus } from '../../l4/status.ts';

type Counts = Omit<DestinationFigures, 'active' | 'inactive' | 'isFull'>;

interface Counted {
  readonly sum: Counts;
  /** What each had when it was looked at last, by its name. */
  readonly servers: ReadonlyMap<string, Counts>;
}

const ZERO: Counts = { connections: 0, requestPackets: 0, requestBytes: 0, replyPackets: 0, replyBytes: 0 };

export class GrowingSums {
  #known: ReadonlyMap<string, Counted> = new Map();

  /** Of all virtual servers at about this moment. */
  begin(): SumsNow {
    return new SumsNow(this.#known, (known) => {
      this.#known = known;
    });
  }
}

class SumsNow {
  readonly #before: ReadonlyMap<string, Counted>;
  readonly #now = new Map<string, Counted>();
  readonly #keep: (known: ReadonlyMap<string, Counted>) => void;

  constructor(before: ReadonlyMap<string, Counted>, keep: (known: ReadonlyMap<string, Counted>) => void) {
    this.#before = before;
    this.#keep = keep;
  }

  /** `key`: who it is. What is of now (connections that are open) is of now. */
  look(key: string, { servers }: VirtualServerStatus): DestinationFigures {
    const before = this.#before.get(key);
    let { sum } = before ?? { sum: ZERO };
    for (const { name, figures } of servers) sum = plus(sum, growth(figures, before?.servers.get(name) ?? ZERO));
    this.#now.set(key, { sum, servers: new Map(servers.map(({ name, figures }) => [name, figures])) });
    return { ...figuresOfAll(servers), ...sum };
  }

  /** All were looked at: those that were not are forgotten. */
  end(): void {
    this.#keep(this.#now);
  }
}

/** Where it is less than before it began anew. */
function growth(now: Counts, before: Counts): Counts {
  const grown = plus(now, before, -1);
  return Object.values(grown).some((value) => value < 0) ? now : grown;
}

function plus(a: Counts, b: Counts, sign = 1): Counts {
  return {
    connections: a.connections + sign * b.connections,
    requestPackets: a.requestPackets + sign * b.requestPackets,
    requestBytes: a.requestBytes + sign * b.requestBytes,
    replyPackets: a.replyPackets + sign * b.replyPackets,
    replyBytes: a.replyBytes + sign * b.replyBytes,
  };
}
