/**
 * Services as counts of connections make them: shares for lc, wlc, sed and nq (shares.ts), and no new connections for servers
 * that have reached their upper threshold, until they are below the lower one, as in IPVS (without one: below three quarters).
 *
 * Small differences change nothing: every change is a transaction. Not here: counting (figures-reader.ts).
 */
import type { DestinationFigures } from './kernel.ts';
import type { Destination, L4Service } from './service.ts';
import { sharesOf } from './shares.ts';
import { trafficComment } from './traffic.ts';

/** Of LOOK_AHEAD connections. */
const SMALL_DIFFERENCE = 4;
/** What an inactive connection counts, in active ones: as IPVS has it. */
const INACTIVE = 1 / 256;

interface Counted {
  readonly shares: readonly number[] | null;
  readonly full: ReadonlySet<string>;
  readonly adjusted: L4Service;
}

export class CountedBalance {
  #counted = new WeakMap<L4Service, Counted>();
  /** By trafficComment: it must outlast the object of a service. */
  #full = new Set<string>();
  #figures: ReadonlyMap<string, DestinationFigures> = new Map();
  #seen: {
    readonly of: ReadonlyMap<string, DestinationFigures>;
    readonly with: ReadonlyMap<string, DestinationFigures>;
  } = { of: new Map(), with: new Map() };

  /** Somebody wants to be balanced by counts. */
  needs(services: readonly L4Service[]): boolean {
    return services.some(isCounted);
  }

  adjusted(services: readonly L4Service[]): readonly L4Service[] {
    return services.map((service) => {
      if (!isCounted(service)) return service;
      return this.#counted.get(service)?.adjusted ?? this.#count(service, this.#figures).adjusted;
    });
  }

  /** true: some are balanced in another way now. */
  read(services: readonly L4Service[], figures: ReadonlyMap<string, DestinationFigures>): boolean {
    this.#figures = figures;
    let changed = false;
    for (const service of services) {
      if (!isCounted(service)) continue;
      const before = this.#counted.get(service)?.adjusted;
      if (this.#count(service, figures).adjusted !== before) changed = true;
    }
    return changed;
  }

  /** With who is full. */
  seen(figures: ReadonlyMap<string, DestinationFigures>): ReadonlyMap<string, DestinationFigures> {
    if (this.#full.size === 0) return figures;
    if (this.#seen.of !== figures) {
      const all = new Map(figures);
      for (const comment of this.#full) {
        const one = all.get(comment);
        if (one !== undefined) all.set(comment, { ...one, isFull: true });
      }
      this.#seen = { of: figures, with: all };
    }
    return this.#seen.with;
  }

  #count(service: L4Service, figures: ReadonlyMap<string, DestinationFigures>): Counted {
    const before = this.#counted.get(service);
    const { destinations, scheduler } = service;
    const full = new Set(destinations.filter((one) => this.#isFull(service, one, figures)).map(({ key }) => key));
    const loads = destinations.map(({ key, weight }) => {
      const { active = 0, inactive = 0 } = figures.get(trafficComment(service.key, key)) ?? {};
      return { weight: full.has(key) ? 0 : weight, connections: active + inactive * INACTIVE };
    });
    const shares = sharesOf(scheduler, loads);
    if (before !== undefined && isSame(before.full, full) && isNear(before.shares, shares)) return before;
    const adjusted = {
      ...service,
      destinations: destinations.map((one, i) => {
        const weight = full.has(one.key) ? 0 : one.weight;
        return shares === null ? { ...one, weight } : { ...one, weight, share: shares[i] ?? 0 };
      }),
    };
    const counted = { shares, full, adjusted };
    this.#counted.set(service, counted);
    return counted;
  }

  #isFull(
    service: L4Service,
    { key, upperThreshold, lowerThreshold }: Destination,
    figures: ReadonlyMap<string, DestinationFigures>,
  ): boolean {
    if (upperThreshold === 0) return false;
    const comment = trafficComment(service.key, key);
    const one = figures.get(comment);
    if (one !== undefined) {
      const connections = one.active + one.inactive;
      const low = lowerThreshold > 0 ? lowerThreshold : upperThreshold * 0.75;
      if (connections >= upperThreshold) this.#full.add(comment);
      else if (connections < low) this.#full.delete(comment);
    }
    return this.#full.has(comment);
  }
}

function isCounted({ scheduler, destinations }: L4Service): boolean {
  return sharesOf(scheduler, []) !== null || destinations.some(({ upperThreshold }) => upperThreshold > 0);
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((key) => b.has(key));
}

function isNear(a: readonly number[] | null, b: readonly number[] | null): boolean {
  if (a === null || b === null) return a === b;
  // None at all is not near to some.
  return a.every((share, i) => {
    const other = b[i] ?? 0;
    return (share === 0) === (other === 0) && Math.abs(share - other) <= SMALL_DIFFERENCE;
  });
}
