/**
 * The bytes of an HTTP check, exactly as HAProxy writes them: lower-case names in the order of the configuration, then
 * Content-Length if there is a body, then `connection: close` for HTTP/1.1. Nothing is added that was not asked for, not
 * even a Host. Texts are bytes: one character, one byte.
 */

export interface HttpRequest {
  readonly method: string;
  readonly uri: string;
  readonly version: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: string | null;
}

export function requestBytes({ method, uri, version, headers, body }: HttpRequest): Buffer {
  const lines = [`${method} ${uri} ${version}`];
  for (const { name, value } of headers) lines.push(`${name.toLowerCase()}: ${value}`);
  if (body !== null && body !== '') lines.push(`content-length: ${body.length}`);
  const speaksOfConnection = headers.some(({ name }) => name.toLowerCase() === 'connection');
  if (version !== 'HTTP/1.0' && !speaksOfConnection) lines.push('connection: close');
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`, 'latin1');
}
