/** Which implementation carries VRRP on this machine, in words. */
import { engineFor } from '../vrrp/socket-engine.ts';

export function socketEngines(): string {
  const name = (family: 4 | 6) => (engineFor(family) === 'ffi' ? 'FFI' : 'the package raw-socket');
  return name(4) === name(6)
    ? `VRRP goes through ${name(4)}`
    : `VRRP goes through ${name(4)} (IPv4) and ${name(6)} (IPv6)`;
}
