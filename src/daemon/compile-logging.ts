/** How a frontend logs: model → plan. Most log with one of HAProxy's own lines and capture nothing: null. */
import type { LogMoment, LogPart, TrafficLogging } from '../config/log-model.ts';
import type { SampleExpression } from '../config/sample-model.ts';
import {
  LOG_AT_END,
  LOG_AT_REQUEST,
  LOG_AT_RESPONSE,
  LOG_CLF,
  LOG_DEFAULT,
  LOG_FORMAT,
  LOG_HTTP,
  LOG_JSON,
  LOG_NONE,
  LOG_TCP,
  type LoggingPlan,
  type LogPartPlan,
} from '../proxy/plan.ts';
import type { SamplePlan } from '../proxy/sample-plan.ts';

const MOMENTS: Readonly<Record<LogMoment, number>> = {
  end: LOG_AT_END,
  response: LOG_AT_RESPONSE,
  request: LOG_AT_REQUEST,
};

export const TRAFFIC_LOGS = {
  none: LOG_NONE,
  default: LOG_DEFAULT,
  tcplog: LOG_TCP,
  httplog: LOG_HTTP,
  clf: LOG_CLF,
  format: LOG_FORMAT,
  json: LOG_JSON,
} as const;

/** `captureLimit`: no header is longer. */
export function compileLogging(
  logging: TrafficLogging,
  hostname: string,
  captureLimit: number,
  sample: (expression: SampleExpression) => SamplePlan,
): LoggingPlan | null {
  const compileParts = (parts: readonly LogPart[] | null): readonly LogPartPlan[] | null =>
    parts === null
      ? null
      : parts.map((part) => (part.kind === 'sample' ? { ...part, sample: sample(part.sample) } : part));
  const { line, structured, errors, uniqueId, requestCaptures, responseCaptures, cookieCapture } = logging;
  const isPlain =
    (line ?? structured ?? errors ?? uniqueId ?? cookieCapture) === null &&
    !(logging.json || logging.early || logging.raisesErrors || logging.skipsNormal) &&
    requestCaptures.length + responseCaptures.length === 0;
  if (isPlain) return null;
  const bounded = (capture: { readonly name: string; readonly lengthBytes: number }) => ({
    name: capture.name,
    lengthBytes: Math.min(capture.lengthBytes, captureLimit),
  });
  return {
    line: compileParts(line),
    structured: compileParts(structured),
    errors: compileParts(errors),
    moment: MOMENTS[logging.moment],
    early: logging.early,
    raisesErrors: logging.raisesErrors,
    skipsNormal: logging.skipsNormal,
    uniqueId: compileParts(uniqueId),
    uniqueIdHeader: logging.uniqueIdHeader,
    requestCaptures: requestCaptures.map(bounded),
    responseCaptures: responseCaptures.map(bounded),
    cookieCapture: cookieCapture === null ? null : bounded(cookieCapture),
    hostname,
  };
}
