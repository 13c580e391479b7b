/**
 * Names of virtual servers and their servers: for people, as keepalived writes them, and keys for the kernel's tables, of letters,
 * digits and `_`. Keys follow from addresses alone, so they are the same after a reload or a restart.
 */
import type { L4Protocol, VirtualServer } from '../config/l4-model.ts';
import type { InetAddress } from '../core/address.ts';
import { xxh64 } from '../core/xxh64.ts';

/** Names of the kernel's tables and comments in them are short; a service's key and a server's are in one comment. */
const KEY_CHARACTERS = 48;
/** With `_` in place of what is neither letter nor digit it is still the only one. */
const ADDRESS = /^[a-z0-9.:_]*$/;
const PLAIN = /^\w*$/;

/** `[10.0.0.71]:tcp:80` */
export function serverName({ ip, port }: InetAddress, protocol: L4Protocol): string {
  return `[${ip}]:${protocol.toLowerCase()}:${port}`;
}

/** `192_0_2_1_tcp_80`, `fwm_5_tcp`, `fwm6_5_tcp`, `group_web_0`. */
export function serviceKey({ name, marks, places, family, protocol }: VirtualServer): string {
  const lower = protocol.toLowerCase();
  const [place] = places;
  const [mark] = marks;
  if (place !== undefined && name === serverName({ family, ip: place.first, port: place.firstPort }, protocol))
    return keyOf('', `${place.first}_${lower}_${place.firstPort}`, ADDRESS);
  if (mark !== undefined && name === `FWM ${mark.mark}`)
    return keyOf('', `fwm${family === 6 ? '6' : ''}_${mark.mark}_${lower}`, PLAIN);
  const [, group = name, count = ''] = /^\[(.*)\]:(\d+)$/.exec(name) ?? [];
  return keyOf('group_', `${group}_${count}`, PLAIN);
}

/** `10_0_0_71_80` */
export function destinationKey({ ip, port }: InetAddress): string {
  return keyOf('', `${ip}_${port}`, ADDRESS);
}

/** A text that could become the same as another one, or is too long, ends in its hash. */
function keyOf(prefix: string, text: string, harmless: RegExp): string {
  const key = prefix + text.replace(/[^A-Za-z0-9]/g, '_');
  if (key.length <= KEY_CHARACTERS && harmless.test(text)) return key;
  const hash = xxh64(Buffer.from(text)).toString(16).padStart(16, '0');
  return `${key.slice(0, KEY_CHARACTERS - hash.length - 1)}_${hash}`;
}
