import { expect, it } from 'vitest';
import { authDataOf, sameAuthData } from '../../src/vrrp/auth-data.ts';

it.each([
  ['1066', '1066\0\0\0\0'],
  ['12345678', '12345678'],
  ['123456789', '12345678'],
  ['', '\0\0\0\0\0\0\0\0'],
])('the password %j is 8 bytes, padded or cut', (password, wire) => {
  expect(Buffer.from(authDataOf(password)).toString('latin1')).toBe(wire);
});

it('compares all bytes, and does not throw when there are fewer', () => {
  const data = authDataOf('12345678');
  expect(sameAuthData(data, authDataOf('12345678'))).toBe(true);
  for (let at = 0; at < 8; at++) {
    const other = data.slice();
    other[at] = 0;
    expect(sameAuthData(data, other)).toBe(false);
  }
  expect(sameAuthData(data, data.slice(0, 4))).toBe(false);
  expect(sameAuthData(data, new Uint8Array(0))).toBe(false);
});
