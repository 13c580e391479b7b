/** What clients and servers of the rows say. */

export const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
export const GET_CLOSE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
export const HEAD = 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n';
export const HTTP10 = 'GET / HTTP/1.0\r\n\r\n';
/** Without its body, which is five bytes. */
export const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n';
/** Without its chunks. */
export const POST_CHUNKED = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
export const CHUNKS = '5\r\nhello\r\n0\r\n\r\n';
export const UPGRADE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n';
export const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n';
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
export const OK_CLOSE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi';
/** Without its body, which is five bytes. */
export const OK_FIVE = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
/** Without its chunks. */
export const OK_CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
/** Its body ends with the connection. */
export const OK_OPEN = 'HTTP/1.1 200 OK\r\n\r\n';
/** A body that is more than kernels and proxies keep for one who does not read. */
export const FLOOD_BYTES = 24 * 1024 * 1024;
export const OK_FLOOD = `HTTP/1.1 200 OK\r\nContent-Length: ${FLOOD_BYTES}\r\n\r\n`;
