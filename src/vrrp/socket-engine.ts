/** Which implementation of the socket seam serves: the package where it is there and can, else FFI. */
import { hasAddon, openAddonSocket } from './addon-socket.ts';
import type { Family } from './ip-text.ts';
import { type OpenRawSocket, openFfiSocket } from './raw-socket.ts';

export const openRawSocket: OpenRawSocket = (options, receive, say) => {
  const open = engineFor(options.family) === 'raw-socket' ? openAddonSocket : openFfiSocket;
  return open(options, receive, say);
};

export function engineFor(family: Family): 'ffi' | 'raw-socket' {
  return family === 4 && hasAddon() ? 'raw-socket' : 'ffi';
}
