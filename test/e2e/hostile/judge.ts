/**
 * Whether the outcome of a case is right. The same for every proxy; it knows what was sent, what the server saw and what
 * the client got, and nothing of the proxy.
 */
import { readAnswers, statusOf } from './answers.ts';
import { asksHead, leastOf, mostOf, type RequestCase, type ResponseCase } from './case.ts';
import type { RequestView, ResponseView } from './lane.ts';
import { plainly, targetOf } from './origin.ts';

const quote = (text: string | undefined): string => JSON.stringify((text ?? '').slice(0, 80));

/** What is wrong with the outcome of a request case; empty when nothing is. */
export function judgeRequest(one: RequestCase, view: RequestView): string[] {
  const faults: string[] = view.canary === undefined ? [] : [view.canary];
  const requests = view.upstream.flatMap((upstream) => upstream.requests);
  for (const { fault } of view.upstream) {
    if (fault !== undefined) faults.push(`the server got what is not HTTP: ${fault}`);
  }
  const least = leastOf(one);
  const most = mostOf(one);
  if (requests.length > most) {
    faults.push(
      `the server saw ${requests.length} requests: ${requests
        .map((each) => quote(each.startLine))
        .slice(0, 5)
        .join(', ')}`,
    );
  }
  const { final, rest, fault } = readAnswers(view.raw, true, (index) =>
    asksHead(
      one,
      requests.map((each) => each.startLine),
      index,
    ),
  );
  const lower = view.raw.toLowerCase();
  for (const piece of one.clientHas ?? []) {
    if (requests.length > 0 && !lower.includes(piece)) faults.push(`the client lacks ${quote(piece)}`);
  }
  for (const piece of one.clientLacks ?? []) if (lower.includes(piece)) faults.push(`the client got ${quote(piece)}`);

  if (one.local === true && view.upstream.length === 0) return faults;
  if (requests.length === 0 && one.answer?.after !== 'head')
    return [...faults, ...judgeStopped(one, view, final.map(statusOf))];

  if (one.expect === 'refuse' || one.expect === 'cut') faults.push(`got through: ${quote(requests[0]?.startLine)}`);
  if (requests.length < least) faults.push(`${requests.length} of ${least} requests got through`);
  const [first] = requests;
  if (first !== undefined) {
    if (one.body !== undefined && first.body !== one.body) faults.push(`the server got the body ${quote(first.body)}`);
    const head = [first.startLine, ...first.fields.map(([name, value]) => `${name}: ${value}`)]
      .join('\n')
      .toLowerCase();
    for (const piece of one.has ?? []) if (!head.includes(piece)) faults.push(`the server lacks ${quote(piece)}`);
    for (const piece of one.lacks ?? []) if (head.includes(piece)) faults.push(`the server got ${quote(piece)}`);
    const [raw = ''] = view.upstream.map((upstream) => upstream.raw);
    const behind = raw.slice(raw.indexOf('\r\n\r\n')).toLowerCase();
    for (const piece of one.trailerLacks ?? [])
      if (behind.includes(piece)) faults.push(`a trailer has ${quote(piece)}`);
  }

  if (one.answer?.raw.startsWith('HTTP/1.1 101 ') === true) return faults;
  if (fault !== undefined) faults.push(`the client got what is not HTTP: ${fault}`);
  if (rest !== '') faults.push(`the client got half an answer: ${quote(rest)}`);
  return [
    ...faults,
    ...judgeAnswers(
      one,
      requests.map((each) => targetOf(each.startLine)),
      requests.map((each) => each.startLine),
      final,
    ),
  ];
}

/** Nothing got through: it must have been refused, and the connection be gone. */
function judgeStopped(one: RequestCase, view: RequestView, statuses: readonly number[]): string[] {
  const faults: string[] = [];
  const [saw] = view.upstream;
  if (one.expect === 'forward') faults.push('refused');
  if (one.expect === 'refuse' && saw !== undefined) faults.push(`reached the server: ${quote(saw.raw)}`);
  if (!view.closed) faults.push('the connection stayed open');
  const [status] = statuses;
  if (status === undefined) {
    // What the server has got a part of may end without a word.
    if (one.silent !== true && saw === undefined) faults.push(`no status: ${quote(view.raw)}`);
  } else if (status < 400) faults.push(`status ${status}`);
  else if (one.status !== undefined && !one.status.includes(status)) faults.push(`status ${status}`);
  if (statuses.length > 1) faults.push(`${statuses.length} answers`);
  return faults;
}

/** Every whole request has its own answer, in order; one refusal may follow. */
function judgeAnswers(
  one: RequestCase,
  targets: readonly string[],
  startLines: readonly string[],
  final: ReturnType<typeof readAnswers>['final'],
): string[] {
  const faults: string[] = [];
  const own = one.answer === undefined ? 0 : 1;
  for (const [index, answer] of final.entries()) {
    const status = statusOf(answer);
    if (index < own) continue;
    const target = targets[index];
    if (target === undefined) {
      if (status < 400) faults.push(`answer ${index + 1} of ${targets.length} is ${status}`);
      continue;
    }
    if (status !== 200) faults.push(`answer ${index + 1} is ${status}`);
    else if (!startLines[index]?.startsWith('HEAD ') && answer.body !== target.slice(0, 100)) {
      faults.push(`answer ${index + 1} is somebody else’s: ${quote(answer.body)}`);
    }
  }
  const missing = targets.length - final.length;
  if (missing > 0 && one.silent !== true) faults.push(`${missing} of ${targets.length} requests have no answer`);
  if (final.length > targets.length + 1) faults.push(`${final.length} answers to ${targets.length} requests`);
  return faults;
}

const GATEWAY_ERRORS = [502, 504];

/** What is wrong with the outcome of a response case; empty when nothing is. */
export function judgeResponse(one: ResponseCase, view: ResponseView): string[] {
  const faults = [...view.foreign];
  const isHead = one.request?.startsWith('HEAD') === true;
  const lower = view.raw.toLowerCase();
  for (const piece of one.lacks ?? []) if (lower.includes(piece)) faults.push(`the client got ${quote(piece)}`);
  const raw = one.opaque === true ? plainly(view.raw) : view.raw;
  const { final, rest, fault } = readAnswers(raw, view.closed && !view.reset, () => isHead);
  if (fault !== undefined) return [...faults, `the client got what is not HTTP: ${fault}`];
  const [answer] = final;
  if (final.length > 1) faults.push(`${final.length} answers`);
  if (answer !== undefined && rest !== '') faults.push(`bytes behind the answer: ${quote(rest)}`);
  const status = answer === undefined ? undefined : statusOf(answer);
  if (status !== undefined && GATEWAY_ERRORS.includes(status)) {
    if (one.expect === 'forward') faults.push(`status ${status}`);
    return faults;
  }
  if (answer === undefined) {
    if (!view.closed) faults.push('unfinished, and the connection stayed open');
    if (one.expect === 'forward') faults.push(`unfinished: ${quote(view.raw)}`);
    // Half a head tells the client as much as half a body; 502 is for what has not begun.
    if (one.expect === 'bad') faults.push(view.raw === '' ? 'no status' : `passed on: ${quote(view.raw)}`);
    return faults;
  }
  if (one.expect === 'bad') faults.push(`passed on: ${quote(view.raw)}`);
  if (one.expect === 'cut') faults.push('looks whole');
  if (one.expect === 'bad' || one.expect === 'cut') return faults;
  if (one.status !== undefined ? status !== one.status : (status ?? 0) < 200) faults.push(`status ${status}`);
  if (one.body !== undefined && answer.body !== one.body) faults.push(`the client got the body ${quote(answer.body)}`);
  for (const piece of one.has ?? []) if (!lower.includes(piece)) faults.push(`the client lacks ${quote(piece)}`);
  return faults;
}
