/** What the C library calls an error number, in its own words: operators search for these. */
import { getSystemErrorMap } from 'node:util';

/** glibc's strerror() for the numbers that sockets give; libuv words some of them otherwise. */
const TEXTS: Readonly<Record<number, string>> = {
  1: 'Operation not permitted',
  2: 'No such file or directory',
  9: 'Bad file descriptor',
  12: 'Cannot allocate memory',
  13: 'Permission denied',
  19: 'No such device',
  20: 'Not a directory',
  22: 'Invalid argument',
  23: 'Too many open files in system',
  24: 'Too many open files',
  32: 'Broken pipe',
  88: 'Socket operation on non-socket',
  95: 'Operation not supported',
  97: 'Address family not supported by protocol',
  98: 'Address already in use',
  99: 'Cannot assign requested address',
  100: 'Network is down',
  101: 'Network is unreachable',
  103: 'Software caused connection abort',
  104: 'Connection reset by peer',
  105: 'No buffer space available',
  110: 'Connection timed out',
  111: 'Connection refused',
  112: 'Host is down',
  113: 'No route to host',
};

export function errorText(errno: number): string {
  return TEXTS[errno] ?? getSystemErrorMap().get(-errno)?.[1] ?? `error ${errno}`;
}
