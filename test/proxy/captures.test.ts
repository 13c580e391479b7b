/** What is kept of bad messages: their bytes, the place of the offending one, whose they are; and what it costs. */
import { describe, expect, it } from 'vitest';
import {
  CAPTURE_ADDRESS,
  CAPTURE_BODY,
  CAPTURE_BYTES,
  CAPTURE_CODE,
  CAPTURE_EVENT,
  CAPTURE_FAMILY,
  CAPTURE_LENGTH,
  CAPTURE_LOCK,
  CAPTURE_OTHER_SIDE,
  CAPTURE_POSITION,
  CAPTURE_SERVER,
  CAPTURE_SKIPPED,
  CAPTURE_SWITCH,
  CAPTURE_TOTAL,
  DIRECTION_REQUEST,
  DIRECTION_RESPONSE,
  HEADER_CAPTURED,
  PROXY_BAD_REQUESTS,
} from '../../src/proxy/shared-state.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, statuses, web } from '../support/web.ts';

interface Kept {
  readonly text: string;
  readonly position: number;
  readonly skipped: number;
  readonly total: number;
  readonly code: number;
  readonly event: number;
  readonly server: number;
  readonly otherSide: number;
}

function kept(proxy: SimulatedProxy, direction: number, index = 0): Kept {
  const { shared } = proxy;
  const word = shared.capture(index, direction);
  const at = shared.captureBytesAt(index, direction);
  const length = shared.get(word + CAPTURE_LENGTH);
  expect(shared.get(word + CAPTURE_LOCK)).toBe(0);
  return {
    text: Buffer.from(shared.words.buffer, at, length).toString('latin1'),
    position: shared.get(word + CAPTURE_POSITION),
    skipped: shared.get(word + CAPTURE_SKIPPED),
    total: shared.get(word + CAPTURE_TOTAL),
    code: shared.get(word + CAPTURE_CODE),
    event: shared.get(word + CAPTURE_EVENT),
    server: shared.get(word + CAPTURE_SERVER),
    otherSide: shared.get(word + CAPTURE_OTHER_SIDE),
  };
}

const HEAD = 'POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('a bad request', () => {
  it.each([
    ['a blank in a name', 'GET /foo HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n', 31],
    ['a tab in the line', 'G\tET / HTTP/1.1\r\n\r\n', 1],
    ['a bare LF', 'GET / HTTP/1.1\nHost: a\r\n\r\n', 14],
    ['a folded line', 'GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n', 25],
    ['a byte above 127 in the target', 'GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n', 5],
    ['a size that is none', `${HEAD}zz\r\n`, HEAD.length],
    ['a chunk that is too long', `${HEAD}2\r\nabc\r\n`, HEAD.length + 5],
  ])('is kept with the place of what is wrong: %s', (_, text, position) => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(text);
    expect(statuses(client.text)).toEqual([400]);
    expect(client.text).toMatch(/connection: close/i);
    expect(kept(proxy, DIRECTION_REQUEST)).toMatchObject({ text, position, skipped: 0, total: text.length, event: 1 });
    expect(proxy.proxyGauge(0, PROXY_BAD_REQUESTS)).toBe(1);
    expect(kept(proxy, DIRECTION_RESPONSE).event).toBe(0);
    proxy.expectClean();
  });

  it('is the same wherever it was cut', () => {
    const text = 'GET /foo HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n';
    const proxy = new SimulatedProxy(web());
    for (let cut = 1; cut < text.length; cut++) {
      const client = proxy.client();
      client.send(text.slice(0, cut));
      proxy.settle();
      client.send(text.slice(cut));
      proxy.settle();
      const found = kept(proxy, DIRECTION_REQUEST);
      expect(found.event).toBe(cut);
      expect(found.position, `cut at ${cut}`).toBe(31);
      expect(text.startsWith(found.text), `cut at ${cut}`).toBe(true);
      expect(found.text.length).toBeGreaterThan(31);
    }
  });

  it('is the last one; all of them are counted', () => {
    const proxy = new SimulatedProxy(web());
    for (let i = 0; i < 5; i++) proxy.ask(`GET /${i}\x01 HTTP/1.1\r\n\r\n`);
    expect(kept(proxy, DIRECTION_REQUEST)).toMatchObject({ text: 'GET /4\x01 HTTP/1.1\r\n\r\n', event: 5 });
    expect(proxy.shared.get(HEADER_CAPTURED)).toBe(5);
    expect(proxy.proxyGauge(0, PROXY_BAD_REQUESTS)).toBe(5);
  });

  it('behind good ones is kept without them', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(`${get('/good')}GET /bad\x01 HTTP/1.1\r\n\r\n`);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([200, 400]);
    expect(kept(proxy, DIRECTION_REQUEST)).toMatchObject({ text: 'GET /bad\x01 HTTP/1.1\r\n\r\n', position: 8 });
  });

  it('in a body that is being passed on is kept with its server, without the framing that was removed', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(HEAD);
    client.send('3;ext=1\r\nabc\r\nQ');
    proxy.settle();
    expect(kept(proxy, DIRECTION_REQUEST)).toMatchObject({
      text: '3\r\nabc\r\nQ',
      position: 8,
      code: CAPTURE_BODY,
      server: 1,
      otherSide: 1,
    });
    expect(statuses(client.text)).toEqual([400]);
  });

  it('that is longer than what is kept has the offending byte in the middle', () => {
    const proxy = new SimulatedProxy(`global\n tune.bufsize 65536\n${web()}`);
    const client = proxy.ask(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\x01yz\r\n\r\n`);
    expect(statuses(client.text)).toEqual([400]);
    const found = kept(proxy, DIRECTION_REQUEST);
    expect(found.text.length).toBeLessThanOrEqual(CAPTURE_BYTES);
    expect(found.text[found.position]).toBe('\x01');
    expect(found.text.slice(found.position)).toBe('\x01yz\r\n\r\n');
    expect(found.skipped + found.position).toBe(28 + 40_000);
  });

  it('that does not fit is kept up to what there was room for', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(`GET /${'a'.repeat(20_000)}`);
    expect(statuses(client.text)).toEqual([414]);
    const found = kept(proxy, DIRECTION_REQUEST);
    expect(found.text.startsWith('GET /aaa')).toBe(true);
    expect(found.skipped + found.text.length).toBe(found.total);
  });

  it('does not wait for who holds the place', () => {
    const proxy = new SimulatedProxy(web());
    proxy.ask('first\x01');
    const word = proxy.shared.capture(0, DIRECTION_REQUEST);
    proxy.shared.set(word + CAPTURE_LOCK, 1);
    const client = proxy.ask('second\x01');
    expect(statuses(client.text)).toEqual([400]);
    proxy.shared.set(word + CAPTURE_LOCK, 0);
    expect(kept(proxy, DIRECTION_REQUEST).text).toBe('first\x01');
  });

  it('is kept with the address of the client', () => {
    const proxy = new SimulatedProxy(web());
    proxy.ask('\x01');
    const word = proxy.shared.capture(0, DIRECTION_REQUEST);
    expect(proxy.shared.get(word + CAPTURE_FAMILY)).toBe(4);
    expect(proxy.shared.get(word + CAPTURE_ADDRESS) >>> 24).toBeGreaterThan(0);
  });
});

describe('a client that says too little', () => {
  it.each([
    ['nothing', ''],
    ['a part of a head', 'GET / HT'],
  ])('is counted as an error and not kept: %s', (_, text) => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(text);
    client.end();
    proxy.settle();
    expect(proxy.proxyGauge(0, PROXY_BAD_REQUESTS)).toBe(1);
    expect(kept(proxy, DIRECTION_REQUEST).event).toBe(0);
  });
});

describe('a bad response', () => {
  it.each([
    ['a blank in a name', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nBad Header: x\r\n\r\nabc', 39],
    ['another protocol', 'SSH-2.0-x\r\n', 0],
    ['a control character', 'HTTP/1.1 200 O\x00K\r\n\r\n', 14],
  ])('is kept for the backend: %s', (_, text, position) => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(text);
    proxy.settle();
    expect(statuses(client.text)).toEqual([502]);
    expect(kept(proxy, DIRECTION_RESPONSE)).toMatchObject({ text, position, server: 1, otherSide: 1, event: 1 });
    expect(kept(proxy, DIRECTION_REQUEST).event).toBe(0);
    proxy.expectClean();
  });

  it('that switches unasked is kept', () => {
    const proxy = new SimulatedProxy(web());
    proxy.ask(get());
    const text = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n';
    proxy.accepted(PORT).send(text);
    proxy.settle();
    expect(kept(proxy, DIRECTION_RESPONSE)).toMatchObject({ code: CAPTURE_SWITCH, total: text.length });
  });

  it('in a body is kept from where the body came', () => {
    const proxy = new SimulatedProxy(web());
    proxy.ask(get());
    proxy.accepted(PORT).send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz');
    proxy.settle();
    expect(kept(proxy, DIRECTION_RESPONSE)).toMatchObject({ text: '3\r\nabc\r\nzz', position: 8, code: CAPTURE_BODY });
  });

  it('belongs to the backend, not to the frontend that it came through', () => {
    const text = web()
      .replace('listen web', 'frontend f\n mode http\n bind :80\n default_backend web\nbackend web')
      .replace(' bind :80\n server', ' server');
    const proxy = new SimulatedProxy(text.replace(/ bind :80\n(?! default)/, ''));
    proxy.ask(get());
    proxy.accepted(PORT).send('nonsense');
    proxy.settle();
    expect(kept(proxy, DIRECTION_RESPONSE, 0).event).toBe(0);
    expect(kept(proxy, DIRECTION_RESPONSE, 1)).toMatchObject({ text: 'nonsense', otherSide: 1, event: 1 });
  });
});
