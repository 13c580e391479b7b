/** Opens a connection to a server: a socket, its options, where it leaves from, and the beginning of its connect. */

import { ConnectSource } from './connect-source.ts';
import {
  AF_INET,
  AF_INET6,
  EINPROGRESS,
  IPPROTO_TCP,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  TCP_NODELAY,
  TCP_QUICKACK,
  TCP_USER_TIMEOUT,
} from './constants.ts';
import * as libc from './libc.ts';
import type { ConnectOptions } from './poller.ts';
import { probeWhenSilent, setOption } from './socket-options.ts';

/** A descriptor whose connect has begun, or the negative errno that stopped it. `address` points to a sockaddr. */
export function openConnection(family: number, address: number, lengthBytes: number, options: ConnectOptions): number {
  for (let tries = ConnectSource.TRIES; ; tries--) {
    const fd = libc.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -libc.errno();
    const errno = connect(fd, family, address, lengthBytes, options);
    if (errno === 0) return fd;
    libc.close(fd);
    if (tries === 1 || options.source === null || !options.source.mayTryAgain(errno)) return -errno;
  }
}

function connect(fd: number, family: number, address: number, lengthBytes: number, options: ConnectOptions): number {
  if (family === AF_INET || family === AF_INET6) {
    setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (options.keepAlive !== null) probeWhenSilent(fd, options.keepAlive);
    if (options.source !== null) {
      const errno = options.source.bind(fd);
      if (errno !== 0) return errno;
    }
    if (options.sendsAtOnce) setOption(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
    if (options.userTimeoutMs > 0) setOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, options.userTimeoutMs);
  }
  if (libc.connect(fd, address, lengthBytes) === 0) return 0;
  const errno = libc.errno();
  return errno === EINPROGRESS ? 0 : errno;
}
