/**
 * Everything outside of the proxy that has no will of its own: connections, accept queues, descriptors, and the weather.
 * Connections of one run are used again by the next, in the same order.
 */
import type { SeededRandom } from '../support/random.ts';
import type { Calendar } from './calendar.ts';
import { violated } from './violation.ts';
import type { Weather } from './weather.ts';
import { type FarEnd, Wire } from './wire.ts';

const FIRST_FD = 1000;
const FIRST_PORT = 7000;

/** Who listens behind a port, and decides what becomes of attempts to connect. */
export interface Destination {
  /** The errno that fails it at once, or 0: then `wire` has been told what will become of it. */
  attempt(wire: Wire): number;
}

/** Clients that the kernel let in and nobody has accepted. */
export class AcceptQueue {
  readonly waiting: Wire[] = [];
  /** Its descriptor was closed: who comes is refused. */
  closed = false;
}

export class Network {
  readonly calendar: Calendar;
  random: SeededRandom;
  weather: Weather;
  /** By descriptor minus FIRST_FD. */
  readonly #open: (Wire | null)[] = [];
  readonly #freeFds: number[] = [];
  openCount = 0;
  readonly #wires: Wire[] = [];
  #used = 0;
  /** By port minus FIRST_PORT. */
  readonly #destinations: Destination[] = [];
  /** By the descriptor of the listening socket. */
  readonly queues = new Map<number, AcceptQueue>();

  constructor(calendar: Calendar, random: SeededRandom, weather: Weather) {
    this.calendar = calendar;
    this.random = random;
    this.weather = weather;
  }

  /** As new. */
  reset(random: SeededRandom, weather: Weather): void {
    this.random = random;
    this.weather = weather;
    this.#open.length = 0;
    this.#freeFds.length = 0;
    this.openCount = 0;
    this.#used = 0;
    this.#destinations.length = 0;
    this.queues.clear();
  }

  wire(far: FarEnd): Wire {
    let wire = this.#wires[this.#used];
    if (wire === undefined) {
      wire = new Wire(this, far);
      this.#wires.push(wire);
    } else wire.reuse(far);
    this.#used++;
    return wire;
  }

  /** The next port that servers can have. */
  listen(destination: Destination): number {
    return FIRST_PORT + this.#destinations.push(destination) - 1;
  }

  destination(port: number): Destination {
    return this.#destinations[port - FIRST_PORT] ?? violated(`connects to port ${port}, where nobody is`);
  }

  /** -1: there are none left. */
  takeFd(wire: Wire): number {
    if (this.openCount >= this.weather.descriptors) return -1;
    const { weather, random } = this;
    if (weather.shortages > 0 && random.below(1000) < weather.shortages) return -1;
    const fd = this.#freeFds.pop() ?? FIRST_FD + this.#open.length;
    this.#open[fd - FIRST_FD] = wire;
    wire.fd = fd;
    this.openCount++;
    return fd;
  }

  giveFd(fd: number): void {
    this.wireOf(fd).fd = -1;
    this.#open[fd - FIRST_FD] = null;
    this.#freeFds.push(fd);
    this.openCount--;
  }

  wireOf(fd: number): Wire {
    return this.#open[fd - FIRST_FD] ?? violated(`uses descriptor ${fd}, which is not open`);
  }

  /** All that are open, whoever has them. */
  forEachOpen(visit: (wire: Wire) => void): void {
    for (const wire of this.#open.slice()) if (wire !== null) visit(wire);
  }
}
