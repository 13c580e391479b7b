/** What has happened, so that a simulation in which nothing happens is seen. */
export class Counts {
  /** Whole answers of servers. */
  answered = 0;
  /** Whole answers of the proxy's own. */
  refused = 0;
  /** Answers that were cut off, visibly. */
  truncated = 0;
  /** Requests that got no byte of an answer before their connection ended. */
  unanswered = 0;
  /** Requests whose client left first. */
  abandoned = 0;
  tunnels = 0;
  interim = 0;
  /** Requests that a server saw for the second time. */
  repeated = 0;
  /** Among them those that are not idempotent, because `retry-on` says so. */
  resent = 0;
  clients = 0;
  connects = 0;
  reused = 0;
  queued = 0;
  retries = 0;
  redispatches = 0;
  turns = 0;
  crashes = 0;
  stops = 0;
  /** Servers that went, or came again. */
  exchanges = 0;
  /** By status: of the proxy's own answers. */
  readonly statuses = new Int32Array(600);

  add(other: Counts): void {
    for (const key of KEYS) this[key] += other[key];
    for (let i = 0; i < this.statuses.length; i++) {
      this.statuses[i] = (this.statuses[i] as number) + (other.statuses[i] as number);
    }
  }

  toString(): string {
    const statuses = [...this.statuses].flatMap((count, status) => (count === 0 ? [] : [`${status}: ${count}`]));
    return `${KEYS.map((key) => `${key} ${this[key]}`).join(', ')}, own answers ${statuses.join(' ')}`;
  }
}

export const KEYS = [
  'answered',
  'refused',
  'truncated',
  'unanswered',
  'abandoned',
  'tunnels',
  'interim',
  'repeated',
  'resent',
  'clients',
  'connects',
  'reused',
  'queued',
  'retries',
  'redispatches',
  'turns',
  'crashes',
  'stops',
  'exchanges',
] as const;
