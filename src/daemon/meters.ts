/** What is remembered of a proxy, or of a server, between two looks at its counters: rates, times, when it was used. */
import { Rate } from './rate.ts';
import { StreamTimes } from './stream-times.ts';

/** When a server, or a backend, was last given a session. */
export class LastUse {
  #total = 0;
  atMs = -1;

  look(total: number, nowMs: number): void {
    if (total > this.#total) this.atMs = nowMs;
    this.#total = total;
  }
}

export class ServerMeters {
  readonly served: Rate;
  readonly used = new LastUse();
  readonly times = new StreamTimes();

  constructor(nowMs: number) {
    this.served = new Rate(0, nowMs);
  }
}

/** Of a backend the same; the rest of a frontend. */
export class ProxyMeters extends ServerMeters {
  readonly connections: Rate;
  readonly requests: Rate;

  constructor(nowMs: number) {
    super(nowMs);
    this.connections = new Rate(0, nowMs);
    this.requests = new Rate(0, nowMs);
  }
}
