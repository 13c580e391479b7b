/** Streams that end because a server went, or came back. */
import { describe, expect, it } from 'vitest';
import { SERVER_SESSIONS, STATE_DOWN, STATE_DRAIN, STATE_MAINT, STATE_UP } from '../../src/proxy/shared-state.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, statuses, web } from '../support/web.ts';

const HALF = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf';

describe('on-marked-down shutdown-sessions', () => {
  const lines = 'on-marked-down shutdown-sessions';

  it.each([
    ['down', STATE_DOWN],
    ['in maintenance', STATE_MAINT],
  ])('ends what is under way when the server is %s: 502 where nothing was answered, else a cut', (_, state) => {
    const proxy = new SimulatedProxy(web({ server: lines, servers: 2 }));
    const waits = proxy.ask(get());
    const other = proxy.ask(get());
    const reads = proxy.ask(get());
    proxy.accepted(PORT).send(HALF);
    proxy.settle();
    proxy.state(0, state);
    expect(statuses(waits.text)).toEqual([502]);
    expect([reads.text.endsWith('half'), reads.gone]).toEqual([true, true]);
    expect([other.text, other.gone]).toEqual(['', false]);
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(0);
    proxy.accepted(PORT + 1).send(ok());
    proxy.settle();
    expect(statuses(other.text)).toEqual([200]);
    proxy.expectClean();
  });

  it('ends a TCP session', () => {
    const proxy = new SimulatedProxy(web({ server: lines }).replace('mode http', 'mode tcp'));
    const client = proxy.ask('hello');
    proxy.state(0, STATE_DOWN);
    expect([client.gone, proxy.accepted(PORT).gone]).toEqual([true, true]);
    proxy.expectClean();
  });

  it('ends nothing when the server drains, nor without the rule', () => {
    const drains = new SimulatedProxy(web({ server: lines }));
    const one = drains.ask(get());
    drains.state(0, STATE_DRAIN);
    expect(one.gone).toBe(false);
    const ruleless = new SimulatedProxy(web({}));
    const two = ruleless.ask(get());
    ruleless.state(0, STATE_DOWN);
    expect(two.gone).toBe(false);
  });
});

describe('on-marked-up shutdown-backup-sessions', () => {
  it('sends clients of backup servers back to a server that is there again', () => {
    const text = web({ server: 'on-marked-up shutdown-backup-sessions' });
    const proxy = new SimulatedProxy(`${text} server spare 192.0.2.12:${PORT + 1} backup\n`);
    proxy.state(0, STATE_DOWN);
    const client = proxy.ask(get());
    expect(proxy.server(PORT + 1).peers.length).toBe(1);
    proxy.state(0, STATE_UP);
    expect(statuses(client.text)).toEqual([502]);
    expect(proxy.serverGauge(1, SERVER_SESSIONS)).toBe(0);
    proxy.expectClean();
  });
});
