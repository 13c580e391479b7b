/** Frontends that control closes, opens, and gives another `maxconn`, as the threads see it. */
import { describe, expect, it } from 'vitest';
import {
  DOOR_OPEN,
  DOOR_PAUSED,
  DOOR_SHUT,
  HEADER_MAXCONN,
  HEADER_VERDICTS,
  PROXY_DOOR,
  PROXY_MAXCONN,
} from '../../src/proxy/shared-state.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, statuses, web } from '../support/web.ts';

function write(proxy: SimulatedProxy, word: number, value: number): void {
  proxy.shared.set(word, value);
  proxy.shared.add(HEADER_VERDICTS, 1);
  proxy.settle();
}

function door(proxy: SimulatedProxy, value: number): void {
  write(proxy, proxy.shared.proxy(0) + PROXY_DOOR, value);
}

describe.each([1, 2])('with %d threads', (threads) => {
  it('a frontend that is paused lets nobody in, and those who are there go on', () => {
    const proxy = new SimulatedProxy(web({}), { threads });
    const here = proxy.ask(get());
    door(proxy, DOOR_PAUSED);
    const outside = proxy.ask(get());
    expect(proxy.server(PORT).peers.length).toBe(1);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect([statuses(here.text), outside.text]).toEqual([[200], '']);
    door(proxy, DOOR_OPEN);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(outside.text)).toEqual([200]);
  });

  it('one that is shut as well', () => {
    const proxy = new SimulatedProxy(web({}), { threads });
    door(proxy, DOOR_SHUT);
    proxy.ask(get());
    expect(proxy.server(PORT).peers.length).toBe(0);
  });

  it('who waits because of maxconn comes in when it is raised', () => {
    const proxy = new SimulatedProxy(web({ lines: 'maxconn 1' }), { threads });
    for (let i = 0; i < 4; i++) proxy.ask(get());
    expect(proxy.server(PORT).peers.length).toBe(1);
    write(proxy, proxy.shared.proxy(0) + PROXY_MAXCONN, 3 + 1);
    expect(proxy.server(PORT).peers.length).toBe(3);
    write(proxy, proxy.shared.proxy(0) + PROXY_MAXCONN, 0 + 1);
    expect(proxy.server(PORT).peers.length).toBe(4);
  });

  it('a smaller maxconn ends nobody; places are given again when there are fewer', () => {
    const proxy = new SimulatedProxy(web({}), { threads });
    const clients = [proxy.ask(get()), proxy.ask(get())];
    write(proxy, proxy.shared.proxy(0) + PROXY_MAXCONN, 1 + 1);
    proxy.ask(get());
    expect([proxy.server(PORT).peers.length, clients.map(({ gone }) => gone)]).toEqual([2, [false, false]]);
    for (const client of clients) client.reset();
    proxy.settle();
    expect(proxy.server(PORT).peers.length).toBe(3);
  });

  it('the same for all frontends together', () => {
    const proxy = new SimulatedProxy(web({}), { threads });
    write(proxy, HEADER_MAXCONN, 1 + 1);
    proxy.ask(get());
    proxy.ask(get());
    expect(proxy.server(PORT).peers.length).toBe(1);
    write(proxy, HEADER_MAXCONN, 2 + 1);
    expect(proxy.server(PORT).peers.length).toBe(2);
  });
});
