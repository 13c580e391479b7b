/** Response heads; see head-target.ts. */
import { readResponse } from '../reference/response.ts';
import { RESPONSE_CORPUS } from './corpus.ts';
import { RESPONSE_DIFFERENCES } from './differences.ts';
import { response } from './grammar.ts';
import { headTarget } from './head-target.ts';
import { Llhttp } from './llhttp.ts';
import { scanResponse } from './scanning.ts';

const llhttp = new Llhttp();

export const RESPONSE_HEADS = headTarget({
  name: 'response-heads',
  isRequest: false,
  scan: scanResponse,
  read: readResponse,
  corpus: RESPONSE_CORPUS,
  grammar: response,
  differences: RESPONSE_DIFFERENCES,
  completions: ['\r\n\r\n', '\n\r\n', ' 200 OK\r\n\r\n', 'a: b\r\n\r\n'],
  llhttp: (bytes, ended) => llhttp.responses(bytes, ended),
  // 1xx, 204 and 304 end with their head, whatever they announce (RFC 9112 6.3).
  hasBody: (head) => !/^HTTP\/1\.\d (?:1\d\d|204|304)/.test(head),
  // Blanks around the reason say nothing.
  plainLine: (line) => `${line.slice(0, 12)} ${line.slice(12).replace(/^[\t ]+|[\t ]+$/g, '')}`,
  lineOf: ({ status, minor }) => `HTTP/1.${minor} ${status} `,
});
