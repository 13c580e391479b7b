/**
 * Servers ordered by a key, first in first out among equals: a binary heap over two columns, key and arrival.
 *
 *   #heap:  [ 2 | 0 | 3 | 1 ]      invariant: a parent is before both children by (key, arrival)
 *   #place: server → index in #heap, -1: not in
 *
 * Insert, remove and take are O(log n); nothing is allocated after construction. A server that was removed keeps its key
 * and arrival until the next `insert`, so that `restore` puts it back where it was.
 */
export class ServerHeap {
  #size = 0;
  #arrivals = 0;
  readonly #heap: Int32Array;
  readonly #place: Int32Array;
  readonly #key: Float64Array;
  readonly #arrival: Float64Array;

  constructor(servers: number) {
    this.#heap = new Int32Array(servers);
    this.#place = new Int32Array(servers).fill(-1);
    this.#key = new Float64Array(servers);
    this.#arrival = new Float64Array(servers);
  }

  /** The server that is first in order; -1: empty. */
  first(): number {
    return this.#size === 0 ? -1 : (this.#heap[0] ?? -1);
  }

  has(server: number): boolean {
    return (this.#place[server] ?? -1) >= 0;
  }

  key(server: number): number {
    return this.#key[server] ?? 0;
  }

  /** Puts a server behind all that have the same key. It must not be in. */
  insert(server: number, key: number): void {
    this.#key[server] = key;
    this.#arrival[server] = this.#arrivals++;
    this.restore(server);
  }

  /** Puts a server back that was removed, with its old key and rank. */
  restore(server: number): void {
    this.#up(this.#size++, server);
  }

  /** Takes a server out; nothing happens when it is not in. */
  remove(server: number): void {
    const place = this.#place[server] ?? -1;
    if (place < 0) return;
    this.#place[server] = -1;
    this.#size--;
    if (place === this.#size) return;
    const last = this.#heap[this.#size] ?? 0;
    const parent = (place - 1) >> 1;
    if (place > 0 && this.#before(last, this.#heap[parent] ?? 0)) this.#up(place, last);
    else this.#down(place, last);
  }

  /** Has whom another one has, in the same order; `from[i]` is the number there of server i, -1: it is not known there. */
  goOn(before: ServerHeap, from: Int32Array): void {
    this.#size = 0;
    this.#place.fill(-1);
    this.#arrivals = before.#arrivals;
    from.forEach((was, i) => {
      if (was < 0) return;
      this.#key[i] = before.#key[was] ?? 0;
      this.#arrival[i] = before.#arrival[was] ?? 0;
      if (before.has(was)) this.restore(i);
    });
  }

  #before(a: number, b: number): boolean {
    const keyA = this.#key[a] ?? 0;
    const keyB = this.#key[b] ?? 0;
    return keyA < keyB || (keyA === keyB && (this.#arrival[a] ?? 0) < (this.#arrival[b] ?? 0));
  }

  #put(place: number, server: number): void {
    this.#heap[place] = server;
    this.#place[server] = place;
  }

  #up(from: number, server: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent] ?? 0;
      if (!this.#before(server, above)) break;
      this.#put(place, above);
      place = parent;
    }
    this.#put(place, server);
  }

  #down(from: number, server: number): void {
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#before(this.#heap[child + 1] ?? 0, this.#heap[child] ?? 0)) child++;
      const below = this.#heap[child] ?? 0;
      if (!this.#before(below, server)) break;
      this.#put(place, below);
      place = child;
    }
    this.#put(place, server);
  }
}
