/** Which implementation of the socket seam serves: the package where it is there and can, else FFI. */
import { hasAddon, openAddonSocket } from './addon-socket.ts';
import type { Family } from './ip-text.ts';
import { type OpenRawSocket, openFfiSocket } from './raw-socket.ts';

export const openRawSocket: OpenRawSocket = (options, receive) =>
  engineFor(options.family) === 'raw-socket' ? openAddonSocket(options, receive) : openFfiSocket(options, receive);

export function engineFor(family: Family): 'ffi' | 'raw-socket' {
  return family === 4 && hasAddon() ? 'raw-socket' : 'ffi';
}
