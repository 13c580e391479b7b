/** Very many clients that say nothing: more than this machine has descriptors for, so over a simulated network. */
import { describe, expect, it } from 'vitest';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, web } from '../support/web.ts';

const CLIENTS = 50_000;
const TURNS = 50;

describe('50,000 idle clients of one thread', () => {
  it('hold no buffer, and no turn of the loop looks at any of them', () => {
    const proxy = new SimulatedProxy(web(), { maxconn: CLIENTS + 10 });
    for (let i = 0; i < CLIENTS; i++) proxy.client();
    proxy.settle();
    expect(proxy.poller.openCount).toBe(CLIENTS);
    expect(proxy.slabs.lent).toBe(0);
    let looks = 0;
    for (const socket of proxy.poller.sockets) {
      const { deadlineMs } = socket;
      Object.defineProperty(socket, 'deadlineMs', {
        get: () => {
          looks++;
          return deadlineMs;
        },
        set: () => {
          looks++;
        },
      });
    }
    for (let i = 0; i < TURNS; i++) proxy.turn(0);
    expect(looks).toBe(0);
    const busy = proxy.ask(get());
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(busy.text).toMatch(/^HTTP\/1.1 200 /);
    expect(looks).toBe(0);
  });
});
