// What the client does: wrk, by HTTP/1.1, to servers that answer from memory and from files.

const MIB = 1024 * 1024;
export const BULK_BYTES = MIB;

/**
 * `per`: what is counted. `connections` of wrk. `segments`: packets no larger than a link's 1,500 bytes leave client and servers,
 * so proxies, which would join them, are left out; without it one of 64 KiB passes the whole way, as through a network card that
 * joins packets and cuts them.
 */
export const WORKS = [
  { name: 'connection per request', per: 'connection', path: '/', connections: 64, close: true, segments: false },
  { name: 'requests on kept connections', per: 'request', path: '/', connections: 64, close: false, segments: false },
  { name: 'bulk, 1 MiB a request', per: 'MiB', path: '/files/bulk', connections: 4, close: false, segments: false },
  {
    name: 'bulk, packets of 1,500 bytes',
    per: 'MiB',
    path: '/files/bulk',
    connections: 4,
    close: false,
    segments: true,
  },
];

/** Proxies end connections; the others pass packets on. */
export function does(work, way) {
  return !(work.segments && way.isProxy === true);
}

export function unitsOf(work, { requests, bytes }) {
  return work.per === 'MiB' ? bytes / MIB : requests;
}
