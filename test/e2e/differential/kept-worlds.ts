/**
 * Worlds that have shown a difference which is gone, made small. What `npm run differential` prints as JSON is put here with
 * what it was.
 */
import type { Request, World } from './world.ts';

export interface Kept {
  readonly name: string;
  readonly world: World;
}

const request = (startLine: string, says: string, more: Partial<Request> = {}): Request => ({
  startLine,
  headers: ['Host: x'],
  body: '',
  expects: false,
  jar: false,
  pipelined: false,
  answers: [{ after: 'whole', says, afterwards: 'keep' }],
  ...more,
});

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

const world = (more: Partial<World>): World => ({
  mode: 'http',
  split: false,
  bind: [],
  unixBind: false,
  frontend: ['log LOG format raw local0', 'option httplog'],
  backend: [],
  servers: [{ parameters: [], kind: 'up', check: null }],
  clients: [{ address: 1, requests: [request('GET / HTTP/1.1', OK)], ending: 'end' }],
  ...more,
});

export const KEPT: readonly Kept[] = [
  {
    name: "httpclose of a backend is about its servers' connections: the client's goes on",
    world: world({
      split: true,
      backend: ['option httpclose'],
      clients: [
        { address: 1, requests: [request('GET /1 HTTP/1.1', OK), request('GET /2 HTTP/1.1', OK)], ending: 'end' },
      ],
    }),
  },
  {
    name: 'an answer of its own lets a client of HTTP/1.0 go on that has asked for it',
    world: world({
      servers: [],
      clients: [
        {
          address: 1,
          requests: [
            request('GET /1 HTTP/1.0', OK, { headers: ['Connection: keep-alive'] }),
            request('GET /2 HTTP/1.0', OK),
          ],
          ending: 'end',
        },
      ],
    }),
  },
  {
    name: 'dontlog-normal leaves out no line of the default format: nothing has gone well yet',
    world: world({ frontend: ['log LOG format raw local0', 'option dontlog-normal'] }),
  },
  {
    name: 'a line of the default format has no structured data',
    world: world({ frontend: ['log LOG format rfc5424 local0', 'log-format-sd "[x@1 s=%ST]"'] }),
  },
  {
    name: 'the target * has no path that balance uri path-only could take',
    world: world({
      backend: ['balance uri path-only'],
      servers: [0, 1, 2, 3].map(() => ({ parameters: [], kind: 'up', check: null })),
      clients: [
        { address: 1, requests: [request('OPTIONS * HTTP/1.1', OK), request('GET /a HTTP/1.1', OK)], ending: 'end' },
      ],
    }),
  },
];
