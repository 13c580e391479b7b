/** Bodies of POST requests, with a length or in chunks, wherever they were cut: the same hash as of the parameter in a URL. */
import { describe, expect, it } from 'vitest';
import { METHOD_POST } from '../../../src/http1/method.ts';
import { HashKey } from '../../../src/proxy/balance/hash-key.ts';
import { PostedForm } from '../../../src/proxy/balance/posted-form.ts';
import { HASH_SDBM, type HashPlan } from '../../../src/proxy/plan.ts';
import { BODY_CHUNKED, BODY_LENGTH, type Stream } from '../../../src/proxy/stream.ts';

const plan: HashPlan = {
  by: 'url_param',
  name: 'key',
  lengthBytes: 0,
  depth: 0,
  whole: false,
  pathOnly: false,
  domainOnly: false,
  bodyMs: 0,
  draws: 2,
  consistent: false,
  function: HASH_SDBM,
  avalanche: false,
  balanceFactor: 0,
};

function hashOf(body: string, kind = BODY_LENGTH): number | null {
  const key = new HashKey(plan);
  const bytes = Buffer.from(`xxxPOST / HTTP/1.1\r\nHost: x\r\n\r\n${body}`, 'latin1');
  const client = { peerFamily: 4, peerIp4: 0, peerIp6: null };
  const stream = { client, hashed: false, hash: 0, method: METHOD_POST, requestBody: kind };
  const all = { ...stream, request: { bytes }, requestStart: 3, requestEnd: bytes.length } as unknown as Stream;
  expect(key.wantsBody(all, METHOD_POST)).toBe(true);
  new PostedForm().hash(all, key);
  return all.hashed ? all.hash : null;
}

const VALUE = hashOf('key=value');

describe('a parameter in a body', () => {
  it('has a hash', () => expect(VALUE).not.toBeNull());

  it.each([
    ['a=b&key=value', true],
    ['a=b&key=value&c=d', true],
    ['xkey=value', false],
    ['key', false],
    ['KEY=value', false],
    ['a=key=value', false],
    ['key="value', false],
    ['', false],
  ])('%j', (body, found) => expect(hashOf(body)).toBe(found ? VALUE : null));

  it('is found in chunks, wherever they are cut, and however much of them is here', () => {
    const form = 'a=1&key=value&b=2';
    for (let at = 1; at < form.length; at++) {
      const [first, second] = [form.slice(0, at), form.slice(at)];
      const chunks = `${at.toString(16)}\r\n${first}\r\n${second.length.toString(16)}\r\n${second}\r\n`;
      expect(hashOf(`${chunks}0\r\n\r\n`, BODY_CHUNKED)).toBe(VALUE);
      expect(hashOf(chunks, BODY_CHUNKED)).toBe(VALUE);
    }
  });

  it('that begins with a blank is empty', () => {
    expect(hashOf('key= value')).toBe(hashOf('key=&'));
  });
});
