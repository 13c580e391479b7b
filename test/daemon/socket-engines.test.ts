import { expect, it } from 'vitest';
import { socketEngines } from '../../src/daemon/socket-engines.ts';
import { hasAddon } from '../../src/vrrp/addon-socket.ts';

it('says what carries VRRP here', () => {
  const expected = hasAddon()
    ? 'VRRP goes through the package raw-socket (IPv4) and FFI (IPv6)'
    : 'VRRP goes through FFI';
  expect(socketEngines()).toBe(expected);
});
