/** Idle connections go from a thread that has some to a thread that had none. */
import { describe, expect, it } from 'vitest';
import { forgetConnections } from '../../src/daemon/verdicts.ts';
import {
  SERVER_IDLE,
  SERVER_OFFER_COUNT,
  SERVER_OFFERS,
  SERVER_REUSED,
  SERVER_WANTED,
} from '../../src/proxy/shared-state.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, post, statuses, web } from '../support/web.ts';

class TwoThreads {
  readonly proxy: SimulatedProxy;

  constructor(mode = 'always', server = '') {
    this.proxy = new SimulatedProxy(web({ lines: `http-reuse ${mode}`, server }), { threads: 2 });
    this.proxy.server(PORT).onPeer = (peer) => {
      peer.onReceived = () => peer.send(ok());
    };
  }

  /** So many requests at the same time, each of a new client, all answered. */
  ask(thread: number, count: number, request = get()): void {
    const clients = Array.from({ length: count }, () => this.proxy.client(0, thread));
    for (const client of clients) client.send(request);
    this.proxy.settle();
    for (const client of clients) expect(statuses(client.text)).toEqual([200]);
  }

  /** Thread 0 has three idle ones and has offered one, after thread 1 had found none and opened one. */
  static offering(mode?: string, server?: string): TwoThreads {
    const two = new TwoThreads(mode, server);
    two.ask(0, 3);
    two.ask(1, 1);
    two.ask(0, 1);
    return two;
  }

  get opened(): number {
    return this.proxy.server(PORT).peers.length;
  }

  get open(): number {
    return this.proxy.server(PORT).peers.filter(({ gone }) => !gone).length;
  }

  get offers(): number {
    const row = this.proxy.shared.server(0);
    let offers = 0;
    for (let i = 0; i < SERVER_OFFER_COUNT; i++) if (this.proxy.shared.get(row + SERVER_OFFERS + i) !== 0) offers++;
    return offers;
  }
}

describe('an idle connection', () => {
  it('is offered when another thread had to open one', () => {
    const two = new TwoThreads();
    two.ask(0, 3);
    expect([two.opened, two.offers]).toEqual([3, 0]);
    two.ask(1, 1);
    expect([two.opened, two.proxy.serverGauge(0, SERVER_WANTED)]).toEqual([4, 1]);
    two.ask(0, 1);
    expect([two.opened, two.offers, two.proxy.serverGauge(0, SERVER_WANTED)]).toEqual([4, 1, 0]);
    expect(two.proxy.serverGauge(0, SERVER_IDLE)).toBe(4);
    two.proxy.expectClean();
  });

  it('that is offered is used by a thread that has no other', () => {
    const two = TwoThreads.offering();
    const reused = two.proxy.serverGauge(0, SERVER_REUSED);
    two.ask(1, 2);
    expect([two.opened, two.offers]).toEqual([4, 0]);
    expect(two.proxy.serverGauge(0, SERVER_REUSED)).toBe(reused + 2);
    expect(two.proxy.serverGauge(0, SERVER_IDLE)).toBe(4);
    two.proxy.expectClean();
  });

  it('that is offered is used by the thread that offered it, too', () => {
    const two = TwoThreads.offering();
    two.ask(0, 3);
    expect([two.opened, two.offers]).toEqual([4, 0]);
    two.proxy.expectClean();
  });

  it('is not offered by a thread that has no other', () => {
    const two = new TwoThreads();
    two.ask(0, 1);
    two.ask(1, 1);
    two.ask(0, 1);
    expect([two.opened, two.offers]).toEqual([2, 0]);
    two.proxy.expectClean();
  });

  it('that is offered and has been used once is not for the first request of a client with aggressive', () => {
    const two = new TwoThreads('aggressive');
    // Each of them carries one exchange.
    two.ask(0, 2, post('a'));
    two.ask(1, 1, post('a'));
    two.ask(0, 1, post('a'));
    expect([two.opened, two.offers]).toEqual([4, 1]);
    two.ask(1, 1, post('a'));
    expect([two.opened, two.offers]).toEqual([5, 1]);
    two.proxy.expectClean();
  });

  it.each(['close', 'reset'] as const)('that the server ends (%s) while it is offered is not used', (way) => {
    const two = TwoThreads.offering();
    const before = two.opened;
    for (const peer of two.proxy.server(PORT).peers) peer[way]();
    two.proxy.settle();
    two.ask(1, 2);
    expect([two.opened, two.offers]).toEqual([before + 2, 0]);
    two.proxy.expectClean();
  });

  it('that is offered and not taken ends after pool-purge-delay', () => {
    const two = TwoThreads.offering('always', 'pool-purge-delay 3s');
    two.proxy.advance(2900);
    expect([two.open, two.offers]).toEqual([4, 1]);
    two.proxy.advance(200);
    expect([two.open, two.offers, two.proxy.serverGauge(0, SERVER_IDLE)]).toEqual([0, 0, 0]);
    two.proxy.expectClean();
  });

  it('that was taken is not ended by the thread that had offered it', () => {
    const two = TwoThreads.offering('always', 'pool-purge-delay 3s');
    two.proxy.advance(2000);
    two.ask(1, 2);
    two.proxy.advance(1500);
    expect(two.open).toBe(2);
    two.proxy.expectClean();
  });

  it('is offered within pool-max-conn', () => {
    const two = TwoThreads.offering('always', 'pool-max-conn 3');
    expect(two.open).toBe(3);
    expect(two.proxy.serverGauge(0, SERVER_IDLE)).toBe(3);
    two.proxy.expectClean();
  });

  it('of a process that died is forgotten', () => {
    const two = TwoThreads.offering();
    two.ask(1, 3);
    forgetConnections(two.proxy.shared, two.proxy.plan);
    expect([two.offers, two.proxy.serverGauge(0, SERVER_WANTED), two.proxy.serverGauge(0, SERVER_IDLE)]).toEqual([
      0, 0, 0,
    ]);
  });
});
