/** What came of a case, in a few words, for people. Not here: whether that is right (judge.ts). */
import { readAnswers, statusOf } from './answers.ts';
import { asksHead, type RequestCase, type ResponseCase } from './case.ts';
import type { RequestView, ResponseView } from './lane.ts';

/** `server: 1 request; client: 200, 400, end`. */
export function requestOutcome(one: RequestCase, view: RequestView): string {
  const startLines = view.upstream.flatMap(({ requests }) => requests.map((message) => message.startLine));
  const count = startLines.length;
  let server = view.upstream.length === 0 ? 'nothing' : 'a part of a request';
  if (count > 0) server = count === 1 ? '1 request' : `${count} requests`;
  if (view.upstream.some(({ fault }) => fault !== undefined)) server += ', what is not HTTP';
  const { final } = readAnswers(view.raw, true, (index) => asksHead(one, startLines, index));
  const client = [...final.slice(0, 3).map((answer) => `${statusOf(answer)}`), ...(final.length > 3 ? ['…'] : [])];
  if (view.closed) client.push('end');
  return `server: ${server}; client: ${client.join(', ') || 'nothing'}`;
}

/** `client: 502`, `client: half an answer, reset`. */
export function responseOutcome(one: ResponseCase, view: ResponseView): string {
  const isHead = one.request?.startsWith('HEAD') === true;
  const { final, rest, fault } = readAnswers(view.raw, view.closed && !view.reset, () => isHead);
  const client = final.map((answer) => `${statusOf(answer)}`);
  if (fault !== undefined) client.push('what is not HTTP');
  else if (rest !== '') client.push('half an answer');
  if (view.closed) client.push(view.reset ? 'reset' : 'end');
  return `client: ${client.join(', ') || 'nothing'}`;
}
