import { describe, expect, it } from 'vitest';
import { ipv4Bytes, ipv6Bytes } from '../../src/core/ip-bytes.ts';
import { ClientConnection } from '../../src/proxy/connection.ts';
import { ForwardedFor } from '../../src/proxy/forwarded-for.ts';
import { InsertBuffer } from '../../src/proxy/insert-buffer.ts';
import { type ListenerRuntime, ProxyRuntime } from '../../src/proxy/runtime.ts';
import { scanRequest } from '../http1/scanned.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';

/** `option forwardfor` of a frontend and of a backend, merged; '' for none. */
function merged(ofFrontend: string, ofBackend: string): ForwardedFor | null {
  const option = (text: string) => (text === '' ? '' : ` option forwardfor ${text === '-' ? '' : text}\n`);
  const proxy = new SimulatedProxy(`
defaults
 mode http
 timeout connect 1s
 timeout client 1s
 timeout server 1s
frontend f
 bind :80
 default_backend b
${option(ofFrontend)}
backend b
 server s 192.0.2.1:80
${option(ofBackend)}
`);
  const [f, b] = proxy.plan.proxies.map((plan) => new ProxyRuntime(plan, proxy.shared, 1, true));
  if (f === undefined || b === undefined) throw new Error('no proxies');
  return ForwardedFor.of(f, b);
}

function client(ip: string): ClientConnection {
  const handler = {} as ConstructorParameters<typeof ClientConnection>[0];
  const family = ip === 'unix' ? 0 : ip.includes(':') ? 6 : 4;
  const bytes = family === 6 ? ipv6Bytes(ip) : family === 4 ? ipv4Bytes(ip) : new Uint8Array(16);
  return new ClientConnection(handler, {} as ListenerRuntime, family, bytes, 1, 0, 0);
}

/** The line that a client of that address adds to a request with those fields. */
function line(option: ForwardedFor | null, ip: string, fields = ''): string {
  if (option === null) return 'off';
  const { head, bytes } = scanRequest(`GET / HTTP/1.1\r\nHost: x\r\n${fields}\r\n`);
  const insert = new InsertBuffer(200);
  option.insert(insert, client(ip), head, bytes);
  return Buffer.from(insert.bytes.subarray(0, insert.length)).toString('latin1');
}

describe('option forwardfor', () => {
  it.each([
    ['192.0.2.9', 'X-Forwarded-For: 192.0.2.9\r\n'],
    ['255.255.255.255', 'X-Forwarded-For: 255.255.255.255\r\n'],
    ['0.0.0.0', 'X-Forwarded-For: 0.0.0.0\r\n'],
    ['2001:db8::9', 'X-Forwarded-For: 2001:db8::9\r\n'],
    ['unix', ''],
  ])('says that %s asks', (ip, expected) => {
    expect(line(merged('-', ''), ip)).toBe(expected);
  });

  it.each([
    // option of the frontend, of the backend, client, fields of the request, line
    ['', '', '192.0.2.9', '', 'off'],
    ['header X-Real', '', '192.0.2.9', '', 'X-Real: 192.0.2.9\r\n'],
    ['', 'header X-Real', '192.0.2.9', '', 'X-Real: 192.0.2.9\r\n'],
    ['header X-Front', 'header X-Back', '192.0.2.9', '', 'X-Back: 192.0.2.9\r\n'],
    ['except 192.0.2.0/24', '', '192.0.2.9', '', ''],
    ['except 192.0.2.0/24', '', '192.0.3.9', '', 'X-Forwarded-For: 192.0.3.9\r\n'],
    ['except 192.0.2.9', '', '192.0.2.9', '', ''],
    ['except 192.0.2.9', '', '192.0.2.8', '', 'X-Forwarded-For: 192.0.2.8\r\n'],
    ['except 128.0.0.0/1', '', '127.255.255.255', '', 'X-Forwarded-For: 127.255.255.255\r\n'],
    ['except 128.0.0.0/1', '', '128.0.0.0', '', ''],
    ['except 192.0.2.8/29', '', '192.0.2.15', '', ''],
    ['except 192.0.2.8/29', '', '192.0.2.16', '', 'X-Forwarded-For: 192.0.2.16\r\n'],
    ['except 0.0.0.0/0', '', '203.0.113.1', '', ''],
    ['except 0.0.0.0/0', '', '2001:db8::1', '', 'X-Forwarded-For: 2001:db8::1\r\n'],
    ['except 2001:db8::/33', '', '2001:db8:7fff::1', '', ''],
    ['except 2001:db8::/33', '', '2001:db8:8000::1', '', 'X-Forwarded-For: 2001:db8:8000::1\r\n'],
    ['except 2001:db8::/33', '', '32.1.13.184', '', 'X-Forwarded-For: 32.1.13.184\r\n'],
    ['except 192.0.2.1', 'except 192.0.2.2', '192.0.2.1', '', ''],
    ['except 192.0.2.1', 'except 192.0.2.2', '192.0.2.2', '', ''],
    ['except 192.0.2.1', 'except 192.0.2.2', '192.0.2.3', '', 'X-Forwarded-For: 192.0.2.3\r\n'],
    ['if-none', '', '192.0.2.9', 'X-Forwarded-For: 1.1.1.1\r\n', ''],
    ['if-none', '', '192.0.2.9', 'x-forwarded-FOR: 1.1.1.1\r\n', ''],
    ['if-none', '', '192.0.2.9', 'X-Forwarded-Fo: 1.1.1.1\r\n', 'X-Forwarded-For: 192.0.2.9\r\n'],
    ['-', '', '192.0.2.9', 'X-Forwarded-For: 1.1.1.1\r\n', 'X-Forwarded-For: 192.0.2.9\r\n'],
    ['if-none', '-', '192.0.2.9', 'X-Forwarded-For: 1.1.1.1\r\n', 'X-Forwarded-For: 192.0.2.9\r\n'],
    ['if-none', 'if-none', '192.0.2.9', 'X-Forwarded-For: 1.1.1.1\r\n', ''],
    ['if-none header X_Real_IP', '', '192.0.2.9', 'x_REAL_ip: 1.1.1.1\r\n', ''],
    // What Connection takes away does not arrive.
    ['if-none header X-Real', '', '192.0.2.9', 'Connection: x-real\r\nX-Real: 1.1.1.1\r\n', 'X-Real: 192.0.2.9\r\n'],
    ['if-none', 'if-none header X-Real', '192.0.2.9', 'X-Forwarded-For: 1.1.1.1\r\n', 'X-Real: 192.0.2.9\r\n'],
  ])('%j and %j, asked by %s with %j', (ofFrontend, ofBackend, ip, fields, expected) => {
    expect(line(merged(ofFrontend, ofBackend), ip, fields)).toBe(expected);
  });
});
