/**
 * Where llhttp and this proxy part with reason. What this proxy accepts and llhttp does not, and the other way round where it
 * needs saying; each names the rule. What is in no row is a finding.
 *
 * `input`: what the client sent. `output`: what leaves the proxy, where there must be almost none.
 */
export interface Difference {
  readonly name: string;
  readonly rule: string;
  readonly why: string;
  /** llhttp's error. */
  readonly error: RegExp;
  /** Which messages show it. */
  readonly applies: (message: string) => boolean;
  readonly where: 'input' | 'both';
}

/** What a message that llhttp reads in another way must be like; there is no error then. */
export const READ_OTHERWISE = 'reads it otherwise';

export function explained(
  table: readonly Difference[],
  where: 'input' | 'output',
  error: string,
  message: string,
): Difference | undefined {
  return table.find(
    (one) => (one.where === 'both' || one.where === where) && one.error.test(error) && one.applies(message),
  );
}

const KNOWN_METHODS =
  /^(?:ACL|BIND|CHECKOUT|CONNECT|COPY|DELETE|GET|HEAD|LINK|LOCK|M-SEARCH|MERGE|MKACTIVITY|MKCALENDAR|MKCOL|MOVE|NOTIFY|OPTIONS|PATCH|POST|PROPFIND|PROPPATCH|PURGE|PUT|QUERY|REBIND|REPORT|SEARCH|SOURCE|SUBSCRIBE|TRACE|UNBIND|UNLINK|UNLOCK|UNSUBSCRIBE) /;

const startLine = (message: string): string => /^(?:\r\n)*([^\r]*)/.exec(message)?.[1] ?? '';

const valuesOf = (message: string, name: string): string[] =>
  [...message.matchAll(new RegExp(`\\r\\n${name}:([^\\r]*)`, 'gi'))].map((match) => match[1] ?? '');

const lengthRepeated = (message: string): boolean => {
  const lengths = valuesOf(message, 'content-length');
  return lengths.length > 1 || (lengths[0]?.includes(',') ?? false);
};

const ANY_MESSAGE: readonly Difference[] = [
  {
    name: 'HTTP/1.2 to 1.9',
    rule: 'RFC 9112 2.3',
    why: 'a higher minor version is understood as the highest one that is known, and leaves as 1.1',
    error: /^HPE_INVALID_VERSION/,
    applies: (message) => /(?: |^)HTTP\/1\.[2-9](?: |$)/.test(startLine(message)),
    where: 'input',
  },
  {
    name: 'Content-Length repeated with the same value',
    rule: 'RFC 9110 8.6',
    why: 'may be taken as one, which is what leaves',
    error: /^HPE_UNEXPECTED_CONTENT_LENGTH|^HPE_INVALID_CONTENT_LENGTH/,
    applies: lengthRepeated,
    where: 'input',
  },
  {
    name: 'a tab around the value of a framing field',
    rule: 'RFC 9110 5.6.3',
    why: 'optional white space is spaces and tabs; they leave as spaces',
    error: /^HPE_INVALID_(?:CONTENT_LENGTH|TRANSFER_ENCODING)|^reads it otherwise$/,
    applies: (message) =>
      valuesOf(message, '(?:content-length|transfer-encoding)').some((value) => value.includes('\t')),
    where: 'input',
  },
];

export const REQUEST_DIFFERENCES: readonly Difference[] = [
  ...ANY_MESSAGE,
  {
    name: 'a method that llhttp does not list',
    rule: 'RFC 9110 9.1, 16.1.1',
    why: 'methods are an open list of tokens; a proxy passes on what it does not know',
    error: /^HPE_INVALID_METHOD/,
    applies: (message) => !KNOWN_METHODS.test(startLine(message)),
    where: 'both',
  },
];

export const RESPONSE_DIFFERENCES: readonly Difference[] = [
  ...ANY_MESSAGE,
  {
    name: 'Content-Length beside Transfer-Encoding',
    rule: 'RFC 9112 6.3',
    why: 'Transfer-Encoding wins and Content-Length goes; the connection is not used again',
    error: /^HPE_INVALID_(?:CONTENT_LENGTH|TRANSFER_ENCODING)/,
    applies: (message) =>
      valuesOf(message, 'content-length').length > 0 && valuesOf(message, 'transfer-encoding').length > 0,
    where: 'input',
  },
  {
    name: 'framing fields in a 1xx',
    rule: 'RFC 9110 15.2, RFC 9112 6.3',
    why: 'every 1xx ends with its head; the fields go',
    error: /^reads it otherwise$/,
    applies: (message) => / 1\d\d(?: |$)/.test(startLine(message)),
    where: 'input',
  },
  {
    name: 'blanks before a colon',
    rule: 'RFC 9112 5.1',
    why: 'in a response a proxy removes them',
    error: /^HPE_INVALID_HEADER_TOKEN/,
    applies: (message) => /\r\n[\w!#$%&'*+.^`|~-]+[ \t]+:/.test(message),
    where: 'input',
  },
  {
    name: 'a folded line',
    rule: 'RFC 9112 5.2',
    why: 'a proxy replaces the fold by spaces, in a field that it does not act upon',
    error: /^HPE_INVALID_HEADER_TOKEN/,
    applies: (message) => /\r\n[ \t]/.test(message),
    where: 'input',
  },
];

export const CHUNKED_DIFFERENCES: readonly Difference[] = [
  {
    name: 'blanks in a chunk extension',
    rule: 'RFC 9112 7.1.1',
    why: 'bad white space has to be taken, and is removed with the extension',
    error: /^HPE_STRICT: Invalid character in chunk extensions|^HPE_INVALID_CHUNK_SIZE/,
    applies: (body) => /(?:^|\r\n)[0-9a-f]+(?:[ \t]*;[^\r]*[ \t;=]|[ \t]+;)/i.test(body),
    where: 'input',
  },
  {
    name: 'an 8-bit byte in a quoted extension',
    rule: 'RFC 9110 5.6.4',
    why: 'obs-text is part of quoted-string, and is removed with the extension',
    error: /^HPE_STRICT: Invalid character in chunk extensions/,
    applies: (body) => /(?:^|\r\n)[0-9a-f]+[^\r]*;[^\r]*"[^\r]*[\t\x80-\xff]/i.test(body),
    where: 'input',
  },
  {
    name: 'a framing field as trailer',
    rule: 'RFC 9110 6.5.1',
    why: 'it frames nothing there and does not go on',
    error: /^HPE_INVALID_(?:CONTENT_LENGTH|TRANSFER_ENCODING)/,
    applies: (body) => valuesOf(body, '(?:content-length|transfer-encoding)').length > 0,
    where: 'input',
  },
];
