/**
 * `log-format` and its kin: kept as written until all files are read, since it takes the proxy's mode to know what they may
 * say; then read, and joined with the options to what the model says.
 *
 * Not here: the formats' own syntax (log-format.ts), `capture` (captures.ts), targets (log-target.ts).
 */
import {
  LOG_HEADER,
  LOG_MANDATORY,
  type LogMoment,
  type LogPart,
  PLAIN_LOGGING,
  type TrafficLogging,
} from '../log-model.ts';
import { PLACE_BACKEND, PLACE_LOG, PLACE_REQUEST, PLACE_SERVER } from '../sample-model.ts';
import { hasFrontend, type Loading, type ProxyDraft, type ProxyTarget, proxyLabel } from './drafts.ts';
import { type FormatUse, parseLogFormat } from './log-format.ts';
import { AWAITS_END, AWAITS_REQUEST, AWAITS_RESPONSE, LOG_VARIABLES } from './log-variables.ts';
import { adoptSample } from './sample-statement.ts';
import type { Statement } from './statement.ts';

/** What the options stand for; HAProxy's, from log.c. */
const PREDEFINED = {
  httplog: '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r',
  clf:
    '%{+Q}o %{-Q}ci - - [%trg] %r %ST %B "" "" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc %sq %bq ' +
    '%CC %CS %hrl %hsl',
  tcplog: '%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq',
} as const;

/** What a target has to take of a JSON line. */
const JSON_LEAST_BYTES = 1024;

/** Fetches that HAProxy does not take for HTTP's: a line that asks for others awaits the request, too. */
const NEEDS_HTTP = /HTTP|request buffer/;

export function applyFormat(field: 'structured' | 'errors' | 'uniqueId') {
  return (s: Statement, _at: number, { proxy }: ProxyTarget): void => {
    if (!isThere(s)) return;
    const before = proxy.logging[field];
    if (field === 'errors' && proxy.kind === 'defaults' && before !== null) {
      s.warning(0, 'overridden', `'${s.text(0)}' overrides the one in line ${before.origin.line} of this section`);
    }
    proxy.logging[field] = s;
  };
}

export function applyLogFormat(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  if (!isThere(s)) return;
  const before = proxy.trafficLogStatement;
  if (proxy.kind === 'defaults' && before !== null) {
    s.warning(
      0,
      'overridden',
      `'${s.text(0)}' overrides '${before.text(0) === 'option' ? before.textFrom(0) : before.text(0)}' in the same defaults section`,
    );
  }
  proxy.trafficLog = 'format';
  proxy.trafficLogStatement = s;
}

export function applyUniqueIdHeader(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  if (!isThere(s)) return;
  if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(s.text(1))) proxy.logging.uniqueIdHeader = s.text(1);
  else s.error(1, 'bad-value', `'${s.text(1)}' cannot be the name of a header`);
}

function isThere(s: Statement): boolean {
  if (s.text(1) !== '') return true;
  s.error(1, 'missing-argument', `'${s.text(0)}' expects an argument`);
  return false;
}

/** Says what is wrong with the formats of a proxy that will run. */
export function checkLogging(proxy: ProxyDraft, loading: Loading): void {
  const { logging } = proxy;
  for (const [statement, use] of formatsOf(proxy)) {
    const result = parseLogFormat(statement.text(1), use);
    if (result.parts === null) {
      const message = `failed to parse ${statement.text(0)} : ${result.error}`;
      statement.error(1, 'bad-format', message, result.hint);
    } else {
      const parts = result.parts.map((part): LogPart => {
        if (part.kind !== 'sample') return part;
        return { ...part, sample: adoptSample(statement, 1, { proxy, loading }, part.sample) };
      });
      logging.parts.set(statement, parts);
    }
  }
  if (hasFrontend(proxy) && proxy.trafficLog === 'json') checkRoom(proxy);
  if (proxy.mode === 'tcp' && hasFrontend(proxy) && logging.cookieCapture !== null) {
    const statement = logging.captureStatement ?? proxy.statement;
    statement.warning(0, 'needs-http', `'capture' is ignored for ${proxyLabel(proxy)}: it needs 'mode http'`);
  }
  if (
    hasFrontend(proxy) &&
    proxy.logs.length === 0 &&
    proxy.trafficLogStatement === null &&
    logging.structured !== null
  ) {
    const message = `${proxyLabel(proxy)} has a log format and no 'log' line: nothing is logged`;
    logging.structured.warning(0, 'no-effect', message, "add 'log global' or a log server");
  }
}

/** Half of an object is none. */
function checkRoom(proxy: ProxyDraft): void {
  const short = proxy.logs.find(({ maxLengthBytes }) => maxLengthBytes < JSON_LEAST_BYTES);
  if (short === undefined) return;
  const message = `'option tandem-jsonlog' needs 'len ${JSON_LEAST_BYTES}' or more: a log line of ${proxyLabel(proxy)} has ${short.maxLengthBytes}`;
  (proxy.trafficLogStatement ?? proxy.statement).error(1, 'bad-value', message);
}

function formatsOf(proxy: ProxyDraft): [Statement, FormatUse][] {
  const { logging } = proxy;
  const isFrontend = hasFrontend(proxy);
  const formats: [Statement, FormatUse][] = [];
  const line = proxy.trafficLogStatement;
  if (isFrontend && proxy.trafficLog === 'format' && line !== null) formats.push([line, lineUse(proxy)]);
  if (isFrontend && logging.structured !== null) formats.push([logging.structured, lineUse(proxy)]);
  if (logging.uniqueId !== null) formats.push([logging.uniqueId, idUse(proxy)]);
  if (logging.errors !== null) formats.push([logging.errors, lineUse(proxy)]);
  return formats;
}

function lineUse(proxy: ProxyDraft): FormatUse {
  return { http: proxy.mode === 'http', flags: LOG_MANDATORY, places: PLACE_LOG };
}

function idUse(proxy: ProxyDraft): FormatUse {
  const places = hasFrontend(proxy) ? PLACE_REQUEST : PLACE_BACKEND | PLACE_SERVER;
  return { http: proxy.mode === 'http', flags: LOG_HEADER, places };
}

/** Of a proxy whose formats have been checked. */
export function buildLogging(proxy: ProxyDraft): TrafficLogging {
  if (!hasFrontend(proxy)) return PLAIN_LOGGING;
  const { logging, toggles } = proxy;
  const captures = proxy.mode === 'http';
  const partial: Omit<TrafficLogging, 'line' | 'moment'> = {
    structured: partsOf(proxy, logging.structured),
    errors: partsOf(proxy, logging.errors),
    json: proxy.trafficLog === 'json',
    early: toggles.has('logasap'),
    raisesErrors: toggles.has('log-separate-errors'),
    skipsNormal: toggles.has('dontlog-normal'),
    uniqueId: partsOf(proxy, logging.uniqueId),
    uniqueIdHeader: captures ? logging.uniqueIdHeader : null,
    requestCaptures: captures ? [...logging.requestCaptures] : [],
    responseCaptures: captures ? [...logging.responseCaptures] : [],
    cookieCapture: captures ? logging.cookieCapture : null,
  };
  const line = lineOf(proxy, partial);
  return { ...partial, line, moment: momentOf(proxy, line, partial) };
}

function partsOf(proxy: ProxyDraft, statement: Statement | null): readonly LogPart[] | null {
  return statement === null ? null : (proxy.logging.parts.get(statement) ?? null);
}

/** The options' own lines have ready-made writers, which know neither captures nor lines before the end. */
function lineOf(proxy: ProxyDraft, partial: Omit<TrafficLogging, 'line' | 'moment'>): readonly LogPart[] | null {
  const { trafficLog } = proxy;
  if (trafficLog === 'format') return partsOf(proxy, proxy.trafficLogStatement);
  if (trafficLog !== 'httplog' && trafficLog !== 'clf' && trafficLog !== 'tcplog') return null;
  const captures =
    partial.requestCaptures.length > 0 || partial.responseCaptures.length > 0 || partial.cookieCapture !== null;
  return captures || partial.early ? parseLogFormat(PREDEFINED[trafficLog], lineUse(proxy)).parts : null;
}

/** HAProxy logs as soon as it knows all that any of a frontend's formats asks for. */
function momentOf(
  proxy: ProxyDraft,
  line: readonly LogPart[] | null,
  {
    structured,
    errors,
    uniqueId,
    early,
    json,
    requestCaptures,
    responseCaptures,
    cookieCapture,
  }: Omit<TrafficLogging, 'line' | 'moment'>,
): LogMoment {
  if (line === null && !json) return 'end';
  let awaits = requestCaptures.length + responseCaptures.length > 0 || cookieCapture !== null ? AWAITS_RESPONSE : 0;
  if (json) awaits |= AWAITS_END;
  for (const part of [...(line ?? []), ...(structured ?? []), ...(errors ?? []), ...(uniqueId ?? [])]) {
    if (part.kind === 'variable') awaits |= LOG_VARIABLES.get(part.name)?.awaits ?? 0;
    if (part.kind === 'sample') awaits |= AWAITS_RESPONSE | (NEEDS_HTTP.test(part.sample.needs) ? AWAITS_REQUEST : 0);
  }
  if (early) awaits &= ~AWAITS_END;
  if ((awaits & AWAITS_END) !== 0) return 'end';
  return awaits === AWAITS_REQUEST && proxy.mode === 'http' ? 'request' : 'response';
}
