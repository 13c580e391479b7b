/**
 * The request of an HTTP check: `option httpchk` and `http-check send`.
 *
 *   option httpchk                                 OPTIONS / HTTP/1.0
 *   option httpchk <uri>
 *   option httpchk <method> <uri> [<version>]      the old form hides headers in the version: HTTP/1.1\r\nHost:\ www
 */
import type { CheckRequest, CheckText } from '../check-model.ts';
import type { RequestDraft, RequestFields } from './check-draft.ts';
import { byteText, checkText } from './check-text.ts';
import type { Statement } from './statement.ts';

type Header = CheckRequest['headers'][number];
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** null: the error is reported. */
export function requestOption(s: Statement, at: number): RequestFields | null {
  const [first, second, third] = [at + 1, at + 2, at + 3];
  const option: Writable<RequestFields> = {};
  if (s.has(second)) option.method = byteText(s.text(first));
  if (s.has(first)) option.uri = [byteText(s.has(second) ? s.text(second) : s.text(first))];
  return s.has(third) && !splitVersion(s, third, option) ? null : option;
}

/** `HTTP/1.1\r\nHost: www\r\n\r\nbody` → version, headers, body. */
function splitVersion(s: Statement, at: number, option: Writable<RequestFields>): boolean {
  const text = s.text(at);
  const bodyAt = text.indexOf('\r\n\r\n');
  const head = bodyAt < 0 ? text : text.slice(0, bodyAt);
  const [version = '', ...lines] = head.split('\r\n');
  option.version = byteText(version);
  if (bodyAt >= 0) option.body = [byteText(text.slice(bodyAt + 4))];
  if (lines.length === 0 && bodyAt < 0) return true;
  const hint = 'write the headers with: http-check send hdr <name> <value>';
  s.warning(at, 'deprecated-form', 'headers or body hidden behind the version are deprecated', hint);
  const headers: Header[] = [];
  for (const line of lines.filter((one) => one !== '')) {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) {
      s.error(at, 'bad-value', `'${line}' is no header`, 'like Host:\\ www');
      return false;
    }
    headers.push({ name, value: [byteText(value)] });
  }
  if (headers.length > 0) option.headers = headers;
  return true;
}

/** `http-check send`. */
export function requestRule(s: Statement, at: number, step: number): RequestDraft | null {
  const fields: Writable<RequestFields> = {};
  const headers: Header[] = [];
  let comment: string | null = null;
  for (let word = at + 1; s.has(word); ) {
    const name = s.text(word);
    const needed = name === 'hdr' ? 2 : 1;
    if (!s.has(word + needed)) {
      s.error(s.words.length, 'missing-argument', `'${name}' expects ${needed === 2 ? '<name> <value>' : 'a value'}`);
      return null;
    }
    if (name === 'comment') comment = byteText(s.text(word + 1));
    else if (!readField(s, word, fields, headers)) return null;
    word += 1 + needed;
  }
  if (headers.length > 0) fields.headers = headers;
  return { kind: 'request', step, comment, fields };
}

function readField(s: Statement, at: number, fields: Writable<RequestFields>, headers: Header[]): boolean {
  const value = s.text(at + 1);
  switch (s.text(at)) {
    case 'meth':
      fields.method = byteText(value);
      return true;
    case 'ver':
      fields.version = byteText(value);
      return true;
    case 'uri':
      fields.uri = [byteText(value)];
      return true;
    case 'body':
      fields.body = [byteText(value)];
      return true;
    case 'uri-lf':
      return withText(s, at + 1, (text) => {
        fields.uri = text;
      });
    case 'body-lf':
      return withText(s, at + 1, (text) => {
        fields.body = text;
      });
    case 'hdr':
      return addHeader(s, at, headers);
    default: {
      const known = "'meth', 'uri', 'uri-lf', 'ver', 'hdr', 'body', 'body-lf', 'comment'";
      s.error(at, 'bad-value', `'http-check send' does not take '${s.text(at)}'`, known);
      return false;
    }
  }
}

function withText(s: Statement, at: number, use: (text: CheckText) => void): boolean {
  const text = checkText(s, at);
  if (text !== null) use(text);
  return text !== null;
}

function addHeader(s: Statement, at: number, headers: Header[]): boolean {
  const name = s.text(at + 1);
  const lower = name.toLowerCase();
  if (lower === 'host' && headers.some((header) => header.name.toLowerCase() === 'host')) {
    s.error(at + 1, 'duplicate', "the header 'Host' is given twice");
    return false;
  }
  const value = checkText(s, at + 2);
  // The request is framed by what is sent; HAProxy drops these silently too.
  if (value !== null && lower !== 'content-length' && lower !== 'transfer-encoding') headers.push({ name, value });
  return value !== null;
}
