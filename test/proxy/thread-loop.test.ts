/**
 * Thousands of requests through a whole data thread, over a network that cuts, delays, stalls, refuses and resets as a seed
 * says. Whatever happens: no byte of a body is wrong, no POST reaches a server twice, every client gets an answer or an end,
 * and afterwards nothing is left: no slab, no slot, no place in a queue, no deadline, no socket.
 */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../support/random.ts';
import {
  framed,
  framing,
  type Message,
  MessageReader,
  pathOf,
  patternBody,
  RandomServer,
} from '../support/random-http.ts';
import type { Peer } from '../support/simulated-network.ts';
import { ACCEPT, ACCEPT_EARLY, REFUSE, REFUSE_AT_ONCE, SILENCE } from '../support/simulated-network.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { PORT, web } from '../support/web.ts';

interface Expected {
  readonly id: number;
  readonly head: boolean;
  readonly responseBytes: number;
}

/** What can come instead of the server's own answer. */
const PROXY_ANSWERS = new Set([400, 408, 502, 503, 504]);

class RandomClient {
  readonly #random: SeededRandom;
  readonly #proxy: SimulatedProxy;
  readonly #reader = new MessageReader();
  readonly #expected: Expected[] = [];
  readonly peer: Peer;
  over = false;
  answered = 0;
  refused = 0;
  readonly wrong: string[] = [];

  constructor(proxy: SimulatedProxy, random: SeededRandom, firstId: number, count: number, leaves: boolean) {
    this.#proxy = proxy;
    this.#random = random;
    this.peer = proxy.client();
    if (random.below(4) === 0) this.#readSlowly();
    this.#reader.bodyless = (head) => /^HTTP\/1\.1 (1\d\d|204|304)/.test(head) || this.#expected[0]?.head === true;
    this.peer.onReceived = (chunk) => this.#received(chunk);
    this.peer.onEnd = () => this.#ended();
    const parts: Buffer[] = [];
    for (let i = 0; i < count; i++) parts.push(this.#request(firstId + i, i === count - 1));
    const all = Buffer.concat(parts);
    if (leaves) {
      this.peer.send(all.subarray(0, random.below(all.length)));
      if (random.below(2) === 0) this.peer.reset();
      else this.peer.close();
      this.over = true;
    } else this.peer.send(all);
  }

  /** Lets the peer take some more, if it is one that is slow. */
  read(): void {
    if (this.peer.window !== Number.POSITIVE_INFINITY) this.peer.window += 1 + this.#random.size(60_000);
  }

  #readSlowly(): void {
    this.peer.window = this.#random.below(300);
  }

  #request(id: number, last: boolean): Buffer {
    const random = this.#random;
    const method = random.pick(['GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'HEAD']);
    const hasBody = method === 'POST' || method === 'PUT';
    const body = patternBody(id, hasBody ? random.size(40_000) : 0);
    const chunked = hasBody && random.below(2) === 0;
    const responseBytes = random.size(90_000);
    const kind = random.pick(['length', 'length', 'chunked', 'chunked', last ? 'close' : 'length']);
    const path = pathOf(id, body.length, responseBytes, kind);
    const fields = [`${method} ${path} HTTP/1.1`, 'Host: a', `X-Fill: ${'f'.repeat(random.size(4000))}`];
    if (hasBody) fields.push(framing(chunked, body.length));
    if (last && random.below(3) === 0) fields.push('Connection: close');
    this.#expected.push({ id, head: method === 'HEAD', responseBytes: responseBytes });
    return Buffer.concat([
      Buffer.from(`${fields.join('\r\n')}\r\n\r\n`),
      hasBody ? framed(random, body, chunked) : body,
    ]);
  }

  #received(chunk: Buffer): void {
    this.#reader.push(chunk);
    // A response that lasts until the end is complete then, and not before.
    while (!this.#lastsUntilEnd()) {
      const next = this.#reader.next();
      if (next === null) return;
      if (!/^HTTP\/1\.1 1\d\d/.test(next.head)) this.#check(next);
    }
  }

  #headOfPartial(): string {
    const bytes = this.#reader.partial;
    const end = bytes.indexOf('\r\n\r\n');
    return end < 0 ? '' : bytes.toString('latin1', 0, end + 4);
  }

  #lastsUntilEnd(): boolean {
    const head = this.#headOfPartial();
    return (
      head.startsWith('HTTP/1.1 200') &&
      !/^(content-length|transfer-encoding):/im.test(head) &&
      this.#expected[0]?.head !== true
    );
  }

  #check({ head, body }: Message): void {
    const expected = this.#expected.shift();
    const status = Number(head.slice(9, 12));
    if (expected === undefined) {
      if (status !== 408 && status !== 400) this.wrong.push(`an answer that nobody asked for: ${head}`);
      return;
    }
    if (status !== 200) {
      if (!PROXY_ANSWERS.has(status)) this.wrong.push(`status ${status}`);
      this.refused++;
      return;
    }
    this.answered++;
    if (/^X-Id: (\d+)$/m.exec(head)?.[1] !== String(expected.id))
      this.wrong.push(`somebody else's response for ${expected.id}: ${head}`);
    const length = expected.head ? 0 : expected.responseBytes;
    if (!body.equals(patternBody(expected.id + 1, length))) this.wrong.push(`body of response ${expected.id}`);
    if (this.#expected.length === 0 && this.#random.below(2) === 0) this.peer.end();
  }

  #ended(): void {
    this.over = true;
    const [expected] = this.#expected;
    if (this.#reader.isEmpty || expected === undefined || this.peer.closed) return;
    // What was cut off must be the beginning of what was due; what ends with FIN and has no framing must be all of it.
    const head = this.#headOfPartial();
    if (!head.startsWith('HTTP/1.1 200')) return;
    const body = this.#reader.partial.subarray(head.length);
    if (!this.#lastsUntilEnd()) return;
    const whole = patternBody(expected.id + 1, expected.responseBytes);
    if (!whole.subarray(0, body.length).equals(body)) this.wrong.push(`body of response ${expected.id} until its end`);
    if (!this.peer.sawReset && body.length < whole.length)
      this.wrong.push(`a cut of response ${expected.id} that looks whole`);
    if (body.length === whole.length) this.answered++;
  }

  get waits(): boolean {
    return !this.over && this.#expected.length > 0;
  }

  get settled(): boolean {
    return this.over || this.#expected.length === 0;
  }

  leave(): void {
    if (!this.over) this.peer.close();
    this.over = true;
  }

  get proxy(): SimulatedProxy {
    return this.#proxy;
  }
}

interface Run {
  readonly seed: number;
  readonly requests: number;
  readonly lines: string;
  readonly server: string;
  readonly faulty: boolean;
}

function simulate({ seed, requests, lines, server, faulty }: Run): { answered: number; refused: number } {
  const random = new SeededRandom(seed);
  const share = faulty ? 1 : 0;
  const faults = { random, cuts: 300, shortWrites: 100, delays: 150, longestDelayMs: 30 };
  const proxy = new SimulatedProxy(web({ lines, server, servers: 3 }), { faults, maxconn: 200 });
  const servers: RandomServer[] = [];
  for (let i = 0; i < 3; i++) {
    const one = new RandomServer(random, {
      resetsBefore: 15 * share,
      resetsWithin: 15 * share,
      closesAfter: 60 * share,
      interim: 50,
    });
    servers.push(one);
    const simulated = proxy.server(PORT + i);
    simulated.onPeer = (peer) => one.serve(peer);
    simulated.answer = () => {
      const chance = random.below(1000);
      if (faulty && chance < 20) return random.pick([REFUSE, REFUSE_AT_ONCE, SILENCE]);
      if (chance < 500) return ACCEPT_EARLY;
      return chance < 800 ? ACCEPT : { kind: 'accept', afterMs: random.below(40), early: false };
    };
  }
  const all: RandomClient[] = [];
  let active: RandomClient[] = [];
  let nextId = 1;
  for (let turns = 0; nextId <= requests || active.length > 0; turns++) {
    if (turns > 2_000_000) throw new Error('never comes to an end');
    while (active.length < 48 && nextId <= requests) {
      const count = 1 + random.below(8);
      const client = new RandomClient(proxy, random, nextId, count, faulty && random.below(100) < 4);
      nextId += count;
      all.push(client);
      active.push(client);
    }
    proxy.advance(5);
    for (const client of active) client.read();
    for (const client of active) if (client.settled) client.leave();
    active = active.filter((client) => !client.over);
  }
  const wrong = [...all, ...servers].flatMap((one) => one.wrong);
  expect(wrong).toEqual([]);
  const twice = new Map<number, number>();
  for (const one of servers) for (const [id, times] of one.posts) twice.set(id, (twice.get(id) ?? 0) + times);
  expect([...twice].filter(([, times]) => times > 1)).toEqual([]);
  proxy.expectClean();
  return {
    answered: all.reduce((sum, client) => sum + client.answered, 0),
    refused: all.reduce((sum, client) => sum + client.refused, 0),
  };
}

describe('a whole thread over a network that', () => {
  it('cuts and delays answers every request', () => {
    const run = { seed: 1, requests: 2000, lines: 'http-reuse always', server: 'maxconn 8', faulty: false };
    const { answered, refused } = simulate(run);
    expect(answered).toBeGreaterThanOrEqual(2000);
    expect(refused).toBe(0);
  });

  it.each([
    [2, 'http-reuse always', 'maxconn 8'],
    [3, 'http-reuse safe\n option redispatch 1', ''],
    [4, 'http-reuse never\n balance leastconn', 'maxconn 4'],
    [5, 'http-reuse aggressive\n timeout queue 300ms\n option abortonclose', 'maxconn 2'],
    [6, 'option http-server-close\n retries 1', 'maxconn 10'],
  ])('also breaks, refuses and stalls (seed %i) gives every client an answer or an end', (seed, lines, server) => {
    const { answered, refused } = simulate({ seed, requests: 3600, lines, server, faulty: true });
    expect(answered).toBeGreaterThan(2000);
    expect(refused).toBeGreaterThan(0);
  });
});
