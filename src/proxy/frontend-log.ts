/**
 * How a frontend logs, where that is more than one of HAProxy's own lines: its formats, compiled, and what its streams have
 * to remember for them. Made once a thread.
 *
 * Not here: writing a line (traffic-log.ts), finding what is remembered (note-taking.ts).
 */
import { LogFormat } from './log/format.ts';
import { JsonLine } from './log/json.ts';
import { NoteKeeper, UNIQUE_ID_MAX_BYTES } from './log/notes.ts';
import type { SampleWriter } from './log/parts.ts';
import {
  type HeaderCapturePlan,
  LOG_AT_END,
  LOG_AT_RESPONSE,
  LOG_JSON,
  type LoggingPlan,
  type LogPartPlan,
} from './plan.ts';
import type { ProxyRuntime } from './runtime.ts';

/** Of a frontend that does not log at all. */
const LINE_MAX_BYTES = 65535;

export class FrontendLog {
  readonly plan: LoggingPlan;
  readonly line: LogFormat | null;
  readonly structured: LogFormat | null;
  readonly errors: LogFormat | null;
  readonly uniqueId: LogFormat | null;
  /** `NAME: `, what goes before the ID. */
  readonly uniqueIdHeader: Buffer | null;
  readonly json: JsonLine | null;
  /** Lower-case names. */
  readonly requestNames: readonly Buffer[];
  readonly responseNames: readonly Buffer[];
  readonly cookie: Buffer | null;
  /** null: streams have nothing to remember. */
  readonly keeper: NoteKeeper | null;
  // What some of the formats ask for.
  readonly wantsSource: boolean;
  readonly wantsOrigin: boolean;
  readonly wantsDestination: boolean;
  readonly wantsRequestSize: boolean;
  readonly wantsRequestNumber: boolean;
  readonly wantsLineNumber: boolean;

  constructor(frontend: ProxyRuntime, plan: LoggingPlan, pid: number, sample: SampleWriter) {
    const { requestCaptures, responseCaptures, cookieCapture, hostname } = plan;
    this.plan = plan;
    const limit = frontend.sinks?.longestMessage ?? LINE_MAX_BYTES;
    const constants = { frontend: frontend.plan.name, hostname, pid, limit, sample };
    const format = (parts: readonly LogPartPlan[] | null): LogFormat | null =>
      parts === null ? null : new LogFormat(parts, constants);
    this.line = format(plan.line);
    this.structured = format(plan.structured);
    this.errors = format(plan.errors);
    this.uniqueId =
      plan.uniqueId === null ? null : new LogFormat(plan.uniqueId, { ...constants, limit: UNIQUE_ID_MAX_BYTES });
    this.uniqueIdHeader = plan.uniqueIdHeader === null ? null : Buffer.from(`${plan.uniqueIdHeader}: `, 'latin1');
    const isJson = frontend.plan.trafficLog === LOG_JSON && frontend.sinks !== null;
    this.json = isJson ? new JsonLine(hostname, pid, frontend.sinks.shortestMessage) : null;
    this.requestNames = requestCaptures.map(lowerName);
    this.responseNames = responseCaptures.map(lowerName);
    this.cookie = cookieCapture === null ? null : Buffer.from(cookieCapture.name, 'latin1');
    const formats = [this.line, this.structured, this.errors, this.uniqueId];
    const wants = (...names: string[]) => formats.some((one) => one?.says(...names) === true);
    this.wantsSource = wants('bi', 'bp');
    this.wantsOrigin = wants('si', 'sp');
    this.wantsDestination = wants('fi', 'fp');
    this.wantsRequestSize = wants('U');
    this.wantsRequestNumber = wants('rt');
    this.wantsLineNumber = wants('lc');
    const remembers =
      requestCaptures.length + responseCaptures.length > 0 ||
      (this.cookie ?? this.uniqueId) !== null ||
      plan.moment !== LOG_AT_END ||
      this.wantsSource ||
      this.wantsOrigin ||
      this.wantsRequestSize ||
      this.wantsRequestNumber;
    const lengths = (captures: readonly HeaderCapturePlan[]) => captures.map(({ lengthBytes }) => lengthBytes);
    const cookie = cookieCapture?.lengthBytes ?? 0;
    const sizes = { request: lengths(requestCaptures), response: lengths(responseCaptures), cookie };
    this.keeper = remembers ? new NoteKeeper(sizes) : null;
  }

  get writesAtResponse(): boolean {
    return this.plan.moment === LOG_AT_RESPONSE;
  }
}

function lowerName({ name }: HeaderCapturePlan): Buffer {
  return Buffer.from(name.toLowerCase(), 'latin1');
}
