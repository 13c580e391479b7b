/** Request heads; see head-target.ts. */
import { readRequest } from '../reference/request.ts';
import { REQUEST_CORPUS } from './corpus.ts';
import { REQUEST_DIFFERENCES } from './differences.ts';
import { request } from './grammar.ts';
import { headTarget } from './head-target.ts';
import { Llhttp } from './llhttp.ts';
import { scanRequest } from './scanning.ts';

const llhttp = new Llhttp();

export const REQUEST_HEADS = headTarget({
  name: 'request-heads',
  isRequest: true,
  scan: scanRequest,
  read: readRequest,
  corpus: REQUEST_CORPUS,
  grammar: request,
  differences: REQUEST_DIFFERENCES,
  completions: ['\r\n\r\n', '\n\r\n', '\r\nHost: a.test\r\n\r\n', ' HTTP/1.1\r\nHost: a.test\r\n\r\n', 'a: b\r\n\r\n'],
  llhttp: (bytes) => llhttp.requests(bytes),
  hasBody: () => true,
  plainLine: (line) => line,
  lineOf: ({ method, url, minor }) => `${method} ${url} HTTP/1.${minor}`,
});
