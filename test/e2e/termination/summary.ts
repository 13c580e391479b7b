/**
 * What a client received, in a form in which two proxies can be compared: case and order of fields and the sizes of chunks
 * may differ, how the connection goes on is seen by what becomes of it, and dates in cookies are those of the moment.
 */

export function summary(text: string): string {
  const parts: string[] = [];
  let rest = text;
  while (rest.startsWith('HTTP/1.')) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) break;
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
    const fields = lines
      .map((line) => line.replace(/^[^:]+:\s*/, (name) => `${name.trim().toLowerCase()} `))
      .filter((line) => !line.startsWith('connection: '))
      .map((line) => (line.startsWith('set-cookie: ') ? line.replaceAll(/\|[A-Za-z0-9+/]{5}/g, '|date') : line))
      .sort();
    rest = rest.slice(end + 4);
    parts.push([statusLine, ...fields].join(' | '));
    if (rest.startsWith('HTTP/1.')) continue;
    const length = fields.find((field) => field.startsWith('content-length: '));
    if (fields.some((field) => field === 'transfer-encoding: chunked')) {
      const [body, left, whole] = joined(rest);
      parts.push(`chunks ${shown(body)}${whole ? '' : ' cut'}`);
      rest = left;
    } else if (length !== undefined) {
      const size = Number(length.slice('content-length: '.length));
      parts.push(`${shown(rest.slice(0, size))}${rest.length < size ? ' cut' : ''}`);
      rest = rest.slice(size);
    }
  }
  if (rest !== '') parts.push(shown(rest));
  return parts.join(' || ');
}

/** The content of chunks, what follows them, and whether the last one was there. */
function joined(text: string): [string, string, boolean] {
  let body = '';
  for (let at = 0; ; ) {
    const line = /^([0-9a-f]+)[^\r]*\r\n/i.exec(text.slice(at, at + 100));
    if (line === null) return [body, '', false];
    const size = Number.parseInt(line[1] ?? '', 16);
    at += line[0].length;
    if (size === 0) {
      const end = text.indexOf('\r\n', at);
      return [body, end < 0 ? '' : text.slice(end + 2), end >= 0];
    }
    body += text.slice(at, at + size);
    at += size + 2;
  }
}

function shown(text: string): string {
  return text.length > 300 ? `(${text.length} bytes)` : JSON.stringify(text);
}
