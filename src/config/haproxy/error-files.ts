/**
 * `errorfile <status> <file>`: the whole response as it goes on the wire. Read once, here, and checked as HAProxy does:
 * a response that contradicts its own framing would desynchronize every client behind it. `errorloc <status> <url>` is the
 * same with a redirection as the response.
 */
import type { ErrorFile } from '../model.ts';
import { integerArgument } from './arguments.ts';
import type { Loading, ProxyTarget } from './drafts.ts';
import type { Statement } from './statement.ts';

/** The statuses that HAProxy has pages for. */
const STATUSES = [200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 421, 422, 425, 429, 500, 501, 502, 503, 504];

export function applyErrorFile(s: Statement, _at: number, { proxy, loading }: ProxyTarget): void {
  const file = readErrorFile(s, loading);
  if (file !== null) proxy.errorFiles.set(file.status, file);
}

/** What the statement names; null: it was no use, which has been said. */
export function readErrorFile(s: Statement, loading: Loading): ErrorFile | null {
  const status = statusArgument(s, 1);
  if (status === null) return null;
  let content: Buffer;
  try {
    content = loading.readFile(s.text(2));
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure);
    s.error(2, 'unreadable-file', `cannot read the error file '${s.text(2)}': ${reason}`);
    return null;
  }
  const fault = content.length > loading.global.bufferSizeBytes ? 'it does not fit a buffer' : responseFault(content);
  if (fault === null) return { status, content };
  s.error(2, 'bad-error-file', `'${s.text(2)}' is no usable response: ${fault}`);
  return null;
}

/** The log has the status that it stands for, the client sees a redirection. */
export function applyErrorLocation(statusLine: '302 Found' | '303 See Other') {
  return (s: Statement, _at: number, { proxy, loading }: ProxyTarget): void => {
    const status = statusArgument(s, 1);
    if (status === null) return;
    const fields = `Cache-Control: no-cache\r\nContent-Length: 0\r\nLocation: ${s.text(2)}\r\n`;
    const content = Buffer.from(`HTTP/1.1 ${statusLine}\r\n${fields}\r\n`, 'latin1');
    const fault = content.length > loading.global.bufferSizeBytes ? 'it does not fit a buffer' : responseFault(content);
    if (fault !== null) s.error(2, 'bad-value', `'${s.text(2)}' is no usable location: ${fault}`);
    else proxy.errorFiles.set(status, { status, content });
  };
}

/** One of those that there are pages for. */
export function statusArgument(s: Statement, at: number): number | null {
  const status = integerArgument(s, at);
  if (status === null || STATUSES.includes(status)) return status;
  s.error(at, 'bad-value', `there is no error page for status ${status}`, `one of ${STATUSES.join(', ')}`);
  return null;
}

/** Why these bytes must not be sent as one complete response; null when they may. An empty file is fine: it only closes. */
export function responseFault(content: Buffer): string | null {
  if (content.length === 0) return null;
  const text = content.toString('latin1');
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null) return 'no empty line ends its headers';
  const [statusLine = '', ...headers] = text.slice(0, end.index).split(/\r?\n/);
  const status = /^HTTP\/\d\.\d ([1-9]\d\d)(?: .*)?$/.exec(statusLine)?.[1];
  if (status === undefined) return 'it does not begin with a status line';
  const bodyLength = text.length - end.index - end[0].length;
  let announced: number | null = null;
  for (const header of headers) {
    const [, name = '', value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(header) ?? [];
    if (name === '') return `'${header}' is no header`;
    if (/^transfer-encoding$/i.test(name)) return 'a transfer encoding is not possible in an error file';
    if (/^content-length$/i.test(name)) announced = /^\d+$/.test(value) ? Number(value) : -1;
  }
  if (announced !== null && announced !== bodyLength) {
    return `content-length says ${announced < 0 ? 'no number' : announced}, the body has ${bodyLength} bytes`;
  }
  return null;
}
