import { describe, expect, it } from 'vitest';
import { HEAD_ERR_RESPONSE, HEAD_ERR_WEBSOCKET, HEAD_OK, statusOf } from '../../src/http1/head.ts';
import { RequestHead, scanRequestHead } from '../../src/http1/request-head.ts';
import { ResponseHead, scanResponseHead } from '../../src/http1/response-head.ts';
import { HEADROOM, placed, scanRequest, scanResponse } from './scanned.ts';

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const lines = (list: readonly string[]) => list.map((text) => `${text}\r\n`).join('');
const request = (...list: string[]) => `GET / HTTP/1.1\r\nHost: s\r\n${lines(list)}\r\n`;
const response = (...list: string[]) => `HTTP/1.1 101 S\r\n${lines(list)}\r\n`;

describe('a handshake of WebSocket (RFC 6455 4.1)', () => {
  it.each([
    ['with its key', ['Upgrade: websocket', KEY]],
    ['in other letters', ['UPGRADE: WebSocket', KEY.toLowerCase()]],
    ['among others', ['Upgrade: h2c, raw, websocket', 'A: b', KEY]],
    ['to something else, which needs no key', ['Upgrade: raw']],
    ['to what only looks like it', ['Upgrade: websocket/1, websockets']],
  ])('passes %s', (_what, fields) => {
    const { code, head } = scanRequest(request('Connection: Upgrade', ...fields));
    expect([code, head.upgrade]).toEqual([HEAD_OK, true]);
  });

  it.each([
    ['without a key', ['Upgrade: websocket']],
    ['among others, without a key', ['Upgrade: raw, WEBSOCKET']],
    ['with an empty key', ['Upgrade: websocket', 'Sec-WebSocket-Key:']],
    ['with a key that is too short', ['Upgrade: websocket', `${KEY.slice(0, -1)}`]],
    ['with a key that is too long', ['Upgrade: websocket', `${KEY}=`]],
    ['whose key Connection takes away', ['Connection: Sec-WebSocket-Key', 'Upgrade: websocket', KEY]],
  ])('is refused %s', (_what, fields) => {
    const { code } = scanRequest(request('Connection: Upgrade', ...fields));
    expect([code, statusOf(code)]).toEqual([HEAD_ERR_WEBSOCKET, 400]);
  });

  it('that Connection does not speak of is none', () => {
    const { code, head } = scanRequest(request('Upgrade: websocket'));
    expect([code, head.upgrade]).toEqual([HEAD_OK, false]);
  });

  it('may lack its key where the configuration says so', () => {
    const text = request('Connection: Upgrade', 'Upgrade: websocket');
    const head = new RequestHead();
    head.allowsNoKey = true;
    expect(scanRequestHead(head, placed(text), HEADROOM, HEADROOM + text.length, 101)).toBe(HEAD_OK);
    expect(head.upgrade).toBe(true);
  });
});

describe('its answer (RFC 6455 4.2.2)', () => {
  it('says that the key was accepted', () => {
    const text = response('Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Accept: a');
    expect([scanResponse(text).code, scanResponse(text).head.upgrade]).toEqual([HEAD_OK, true]);
  });

  it('is 502 without', () => {
    const text = response('Connection: Upgrade', 'Upgrade: websocket');
    const { code } = scanResponse(text);
    expect([code, statusOf(code)]).toEqual([HEAD_ERR_RESPONSE + HEAD_ERR_WEBSOCKET, 502]);
    const head = new ResponseHead();
    head.allowsNoKey = true;
    expect(scanResponseHead(head, placed(text), HEADROOM, HEADROOM + text.length, 101)).toBe(HEAD_OK);
  });

  it('is asked for in 101 alone', () => {
    const text = response('Connection: Upgrade', 'Upgrade: websocket').replace('101', '426');
    expect(scanResponse(text).code).toBe(HEAD_OK);
  });
});
