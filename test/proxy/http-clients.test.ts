/** Client connections between and after exchanges: how they end, and that the last response survives it. */
import { describe, expect, it } from 'vitest';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, post, statuses, web } from '../support/web.ts';

describe('the end of a connection', () => {
  it.each([
    ['Connection: close', get('/', 'Connection: close\r\n'), ''],
    ['option httpclose', get(), 'option httpclose'],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', ''],
  ])('follows the response with %s', (_, request, lines) => {
    const proxy = new SimulatedProxy(web({ lines }));
    const client = proxy.ask(request);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([200]);
    expect([client.sawEnd, client.sawReset]).toEqual([true, false]);
    proxy.expectClean();
  });

  it('waits for a reader that is slow', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.client();
    client.window = 10;
    client.send(get('/', 'Connection: close\r\n'));
    proxy.settle();
    proxy.accepted(PORT).send(ok('x'.repeat(1000)));
    proxy.advance(5000);
    expect(client.sawEnd).toBe(false);
    client.window = 10_000;
    proxy.settle();
    expect(statuses(client.text)).toEqual([200]);
    expect(client.sawEnd).toBe(true);
    proxy.expectClean();
  });

  it('waits for the rest of an answer that was said to have left, when the client half-closes meanwhile', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    client.window = 0;
    const socket = proxy.poller.sockets.find((one) => 'listener' in one);
    if (socket === undefined) throw new Error('no client');
    proxy.poller.turnsOutShort(socket, 'the rest');
    client.end();
    proxy.settle();
    expect(client.sawEnd).toBe(false);
    client.window = 100;
    proxy.settle();
    expect(client.text).toMatch(/the rest$/);
    expect([client.sawEnd, client.sawReset]).toEqual([true, false]);
    proxy.expectClean();
  });

  it('throws away what the client still sends, so that no RST overtakes the response', () => {
    const proxy = new SimulatedProxy(web({ servers: 0 }));
    const client = proxy.ask(post('x'.repeat(100_000)).slice(0, 20_000));
    expect(statuses(client.text)).toEqual([503]);
    for (let i = 0; i < 8; i++) {
      client.send('x'.repeat(10_000));
      proxy.settle();
    }
    expect([client.sawEnd, client.sawReset]).toEqual([true, false]);
    client.end();
    proxy.settle();
    expect(proxy.poller.openCount).toBe(0);
    expect(client.sawReset).toBe(false);
    proxy.expectClean();
  });

  it('does not wait for ever for a client that sends on', () => {
    const proxy = new SimulatedProxy(web({ servers: 0 }));
    const client = proxy.ask(post('x'.repeat(100_000)).slice(0, 20_000));
    for (let i = 0; i < 20; i++) {
      client.send('x');
      proxy.advance(200);
    }
    expect(proxy.poller.openCount).toBe(0);
    proxy.expectClean();
  });
});

describe('a soft stop', () => {
  it('lets exchanges end, and their connections with them', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(get());
    const idle = proxy.client();
    proxy.settle();
    proxy.loop.stop(true);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).toContain('Connection: close');
    expect(client.sawEnd).toBe(true);
    expect(proxy.loop.over).toBe(false);
    proxy.advance(1100);
    expect(idle.sawEnd).toBe(true);
    proxy.advance(1000);
    expect(proxy.loop.over).toBe(true);
    proxy.expectClean();
  });
});

describe('last answers, before the address leaves', () => {
  it('end their connections; idle ones follow in a second; whoever comes is let in', () => {
    const proxy = new SimulatedProxy(web());
    const asked = proxy.ask(get());
    const idle = proxy.ask(get());
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(idle.text).not.toContain('Connection: close');
    proxy.loop.lastAnswers(true);
    proxy.server(PORT).peers[0]?.send(ok());
    const late = proxy.ask(post('a'));
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect([asked.text, late.text].map((text) => text.includes('Connection: close'))).toEqual([true, true]);
    expect([asked.sawEnd, late.sawEnd, idle.sawEnd]).toEqual([true, true, false]);
    proxy.advance(1100);
    expect([idle.sawEnd, idle.sawReset]).toEqual([true, false]);
    expect(proxy.loop.over).toBe(false);
    proxy.expectClean();
  });

  it('are over when the address stays after all', () => {
    const proxy = new SimulatedProxy(web());
    proxy.loop.lastAnswers(true);
    proxy.loop.lastAnswers(false);
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(ok());
    proxy.advance(2000);
    expect([client.text.includes('Connection: close'), client.sawEnd]).toEqual([false, false]);
    proxy.expectClean();
  });

  it('remain the last in a soft stop', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(get());
    proxy.loop.stop(true);
    proxy.loop.lastAnswers(false);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect([client.text.includes('Connection: close'), client.sawEnd]).toEqual([true, true]);
    proxy.expectClean();
  });
});
