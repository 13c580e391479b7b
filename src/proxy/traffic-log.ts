/**
 * One line per stream, in the frontend's format, with the figures of the moment at which it ends; or earlier, where all that
 * the format asks for is known (`log-format`), or wanted (`option logasap`).
 *
 * Not here: the text (log/), the way out (log/sink.ts), what a stream remembers for its line (note-taking.ts).
 */

import { FrontendLog } from './frontend-log.ts';
import type { LogFormat } from './log/format.ts';
import { writeClfLine, writeDefaultLine, writeHttpLine, writeTcpLine } from './log/line.ts';
import type { StreamNotes } from './log/notes.ts';
import { LogRecord } from './log/record.ts';
import { LogFiller } from './log-filler.ts';
import { sampleWriter } from './log-samples.ts';
import { NotedFields } from './noted-fields.ts';
import { LOG_CLF, LOG_DEFAULT, LOG_HTTP, LOG_TCP } from './plan.ts';
import type { ThreadContext } from './runtime.ts';
import { SampleScope } from './sample/scope.ts';
import { PROXY_LOG_LINES } from './shared-state.ts';
import { CAUSE_LOCAL, DASH, type Stream } from './stream.ts';

const LEVEL_ERROR = 3;
const LEVEL_INFO = 6;
/** Structured data may be as long as a line. */
const STRUCTURED_MAX_BYTES = 65535;

export class TrafficLog {
  /** What samples of formats look at. */
  readonly scope: SampleScope;
  readonly #context: ThreadContext;
  readonly #record = new LogRecord();
  readonly #filler: LogFiller;
  readonly #structured: Buffer | null = null;

  constructor(context: ThreadContext) {
    this.#context = context;
    this.scope = new SampleScope(context);
    const fields = new NotedFields(this.scope);
    this.scope.captured = fields;
    this.scope.uniqueIds = fields;
    this.#filler = new LogFiller(context);
    const { logPid } = context.plan;
    for (const proxy of context.proxies) {
      if (proxy.plan.logging === null || !proxy.plan.isFrontend) continue;
      proxy.logging = new FrontendLog(proxy, proxy.plan.logging, logPid, sampleWriter(this.scope));
      if (proxy.logging.structured !== null) this.#structured ??= Buffer.alloc(STRUCTURED_MAX_BYTES);
    }
  }

  /** HAProxy's default line says that a connection came, when it comes; the others say how it went, at the end. */
  begun(stream: Stream): void {
    if (stream.client.listener.frontend.plan.trafficLog === LOG_DEFAULT) this.#emitBegun(stream);
  }

  ended(stream: Stream): void {
    const { notes } = stream;
    if (notes?.logged === true) return;
    const { plan, logging } = stream.client.listener.frontend;
    // Without a format HAProxy has no line for what was no request, unless there is one for errors.
    const said = plan.trafficLog === LOG_DEFAULT && (!stream.badRequest || logging === null || logging.errors === null);
    if (!said) this.#emit(stream, 0);
  }

  /** The line is due before the end; `more` bytes are here that the client will get. */
  early(stream: Stream, notes: StreamNotes, more: number): void {
    if (stream.client.listener.frontend.sinks !== null && this.#emit(stream, more)) notes.logged = true;
  }

  makeUniqueId(stream: Stream, notes: StreamNotes, format: LogFormat): void {
    const { uniqueId } = notes;
    this.#filler.fill(this.#record, stream, 0);
    uniqueId.length = format.write(this.#record, notes.bytes, uniqueId.start) - uniqueId.start;
  }

  /** Nothing has gone well or wrong yet: what the log says of either does not apply, nor its structured data. */
  #emitBegun(stream: Stream): void {
    const { sinks } = stream.client.listener.frontend;
    if (sinks === null || !sinks.wants(LEVEL_INFO) || this.#isProbe(stream)) return;
    this.#filler.fill(this.#record, stream, 0);
    sinks.emit(LEVEL_INFO, sinks.line, writeOwnLine(this.#record, stream, sinks.line), this.#context.poller.wallMs);
  }

  /** `option dontlognull`: a connection on which nothing arrived is a probe, not traffic. */
  #isProbe({ client, bytesIn, bytesOut }: Stream): boolean {
    return client.listener.frontend.plan.dontLogNull && bytesIn === 0 && bytesOut === 0 && client.headStartedMs === 0;
  }

  /** False: it was no error, and only those are wanted. */
  #emit(stream: Stream, more: number): boolean {
    const { frontend } = stream.client.listener;
    const { sinks, logging } = frontend;
    if (sinks === null) return false;
    let level = LEVEL_INFO;
    if (logging !== null) {
      const failed = hasFailed(stream);
      if (!failed && logging.plan.skipsNormal) return false;
      if (failed && logging.plan.raisesErrors) level = LEVEL_ERROR;
    }
    if (!sinks.wants(level)) return true;
    if (this.#isProbe(stream)) return true;
    const { line } = sinks;
    const { wallMs } = this.#context.poller;
    const record = this.#record;
    this.#filler.fill(record, stream, more);
    if (logging === null) {
      sinks.emit(level, line, writeOwnLine(record, stream, line), wallMs);
      return true;
    }
    if (logging.wantsLineNumber) record.lineNumber = this.#context.shared.add(frontend.row + PROXY_LOG_LINES, 1) >>> 0;
    const structured = logging.structured === null ? 0 : this.#writeStructured(stream, logging.structured);
    const length = this.#writeLine(stream, logging, line, level, wallMs);
    if (length === 0 && logging.line !== null) return true;
    if (this.#structured === null || structured === 0) sinks.emit(level, line, length, wallMs);
    else sinks.emitStructured(level, line, length, this.#structured, structured, wallMs);
    return true;
  }

  #writeLine(stream: Stream, logging: FrontendLog, into: Buffer, level: number, wallMs: number): number {
    const record = this.#record;
    if (logging.json !== null) return logging.json.write(record, level, wallMs, into);
    const format = stream.badRequest && logging.errors !== null ? logging.errors : logging.line;
    if (format === null) return writeOwnLine(record, stream, into);
    this.#lookAt(stream);
    return format.write(record, into, 0);
  }

  /** What was no request has nothing but a client. */
  #lookAt(stream: Stream): void {
    this.scope.of(stream);
    if (stream.badRequest) this.scope.stream = null;
  }

  #writeStructured(stream: Stream, format: LogFormat): number {
    this.#lookAt(stream);
    return format.write(this.#record, this.#structured as Buffer, 0);
  }
}

function writeOwnLine(record: LogRecord, stream: Stream, line: Buffer): number {
  switch (stream.client.listener.frontend.plan.trafficLog) {
    case LOG_HTTP:
      return writeHttpLine(record, line, 0);
    case LOG_TCP:
      return writeTcpLine(record, line, 0);
    case LOG_CLF:
      return writeClfLine(record, line, 0);
    default:
      return writeDefaultLine(record, line, 0);
  }
}

/** What HAProxy takes for an error: also one that a retry has mended. */
function hasFailed(stream: Stream): boolean {
  const { cause } = stream;
  if (stream.badRequest || stream.redispatched || (cause !== DASH && cause !== CAUSE_LOCAL)) return true;
  if (cause === DASH && stream.retries > 0) return true;
  return stream.client.listener.frontend.plan.http && stream.status >= 500;
}
