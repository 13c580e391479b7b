/**
 * The bytes of an HTTP check, exactly as HAProxy writes them: lower-case names in the order of the configuration, then
 * Content-Length if there is a body, then `connection: close` for HTTP/1.1. Nothing is added that was not asked for, not
 * even a Host.
 */
import type { HttpCheckRequest } from '../config/model.ts';

export function requestBytes(request: HttpCheckRequest): Buffer {
  const { method, uri, version, headers, body } = request;
  const lines = [`${method} ${uri} ${version}`];
  for (const { name, value } of headers) lines.push(`${name.toLowerCase()}: ${value}`);
  const content = body === null ? null : Buffer.from(body);
  if (content !== null && content.length > 0) lines.push(`content-length: ${content.length}`);
  if (version !== 'HTTP/1.0' && !hasHeader(request, 'connection')) lines.push('connection: close');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  return content === null ? head : Buffer.concat([head, content]);
}

export function hasHeader(request: HttpCheckRequest, name: string): boolean {
  return request.headers.some((header) => header.name.toLowerCase() === name);
}

/**
 * undici speaks HTTP/1.1 only, always sends a Host, and takes no `*`; it also refuses headers that it wants to write
 * itself.
 */
export function undiciCanSay(request: HttpCheckRequest): boolean {
  const { method, uri, version, headers } = request;
  if (version !== 'HTTP/1.1' || !uri.startsWith('/') || !/^[A-Z]+$/.test(method) || method === 'CONNECT') return false;
  const names = headers.map((header) => header.name.toLowerCase());
  if (!names.includes('host') || new Set(names).size !== names.length) return false;
  return !names.some((name) => REFUSED_BY_UNDICI.has(name));
}

const REFUSED_BY_UNDICI = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);
