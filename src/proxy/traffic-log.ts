/**
 * One line per stream, in the frontend's format, with the figures of the moment at which it ends.
 *
 * Not here: the text (log/line.ts) and the way out (log/sink.ts).
 */
import { writeClfLine, writeDefaultLine, writeHttpLine, writeTcpLine } from './log/line.ts';
import { LogRecord } from './log/record.ts';
import { LOG_CLF, LOG_DEFAULT, LOG_HTTP, LOG_TCP } from './plan.ts';
import type { ThreadContext } from './runtime.ts';
import {
  HEADER_CONNECTIONS,
  PROXY_BACKEND_SESSIONS,
  PROXY_FRONTEND_SESSIONS,
  SERVER_SESSIONS,
} from './shared-state.ts';
import type { Stream } from './stream.ts';

const LEVEL_INFO = 6;

export class TrafficLog {
  readonly #context: ThreadContext;
  readonly #record = new LogRecord();
  readonly #peer = new Uint8Array(16);

  constructor(context: ThreadContext) {
    this.#context = context;
  }

  /** HAProxy's default line says that a connection came, when it comes; the others say how it went, at the end. */
  begun(stream: Stream): void {
    if (stream.client.listener.frontend.plan.trafficLog === LOG_DEFAULT) this.#emit(stream);
  }

  ended(stream: Stream): void {
    const atStart = stream.client.listener.frontend.plan.trafficLog === LOG_DEFAULT;
    if (!atStart || stream.badRequest) this.#emit(stream);
  }

  #emit(stream: Stream): void {
    const { client } = stream;
    const frontend = client.listener.frontend;
    const { sinks } = frontend;
    if (sinks === null || !sinks.wants(LEVEL_INFO)) return;
    // `option dontlognull`: a connection on which nothing arrived is a probe, not traffic.
    if (frontend.plan.dontLogNull && stream.bytesIn === 0 && stream.bytesOut === 0 && client.headStartedMs === 0)
      return;
    const { line } = sinks;
    const length = this.#writeLine(stream, line);
    sinks.emit(LEVEL_INFO, line, length, this.#context.poller.wallMs);
  }

  #writeLine(stream: Stream, line: Buffer): number {
    const record = this.#fill(stream);
    const { trafficLog } = stream.client.listener.frontend.plan;
    // What was no request has no line of its own: HAProxy writes the long one.
    if (trafficLog === LOG_DEFAULT && stream.badRequest) return writeHttpLine(record, line, 0);
    switch (trafficLog) {
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

  #fill(stream: Stream): LogRecord {
    const record = this.#record;
    const { client, backend, target } = stream;
    const { shared, poller } = this.#context;
    const { wallMs } = poller;
    const frontend = client.listener.frontend;
    const now = poller.nowMs;
    record.reset();
    this.#fillPeer(record, stream);
    record.acceptWallMs = client.acceptedWallMs;
    record.requestWallMs = wallMs - (now - stream.startedMs);
    record.frontend = frontend.name;
    record.backend = backend.name;
    if (target !== null) record.server = target.name;
    const from = frontend.plan.http ? stream.startedMs : client.acceptedMs;
    let before = from;
    if (stream.headDoneMs !== 0) {
      record.requestMs = stream.headDoneMs - stream.startedMs;
      before = stream.headDoneMs;
    }
    if (stream.queuedMs !== 0) {
      // In TCP mode HAProxy counts from a request time of -1.
      record.queueMs = stream.queuedMs - before + (frontend.plan.http ? 0 : 1);
      before = stream.queuedMs;
    }
    if (stream.connectedMs !== 0) {
      record.connectMs = stream.connectedMs - before;
      before = stream.connectedMs;
    }
    if (stream.responseMs !== 0) record.responseMs = stream.responseMs - before;
    record.activeMs = now - stream.startedMs;
    record.totalMs = now - client.acceptedMs;
    record.status = stream.status === 0 ? -1 : stream.status;
    record.bytes = stream.bytesOut;
    record.cause = stream.cause;
    record.phase = stream.phase;
    record.requestCookie = stream.requestCookie;
    record.responseCookie = stream.responseCookie;
    record.activeConnections = shared.get(HEADER_CONNECTIONS);
    record.frontendConnections = shared.get(frontend.row + PROXY_FRONTEND_SESSIONS);
    record.backendConnections = shared.get(backend.row + PROXY_BACKEND_SESSIONS);
    record.serverConnections = target === null ? 0 : shared.get(target.row + SERVER_SESSIONS);
    record.retries = stream.retries;
    record.redispatched = stream.redispatched;
    record.serverQueue = stream.serverQueuePosition;
    record.backendQueue = stream.backendQueuePosition;
    record.request = stream.line;
    record.requestOffset = 0;
    record.requestLength = stream.lineLength;
    record.http = frontend.plan.http;
    return record;
  }

  #fillPeer(record: LogRecord, stream: Stream): void {
    const { client } = stream;
    const { plan } = client.listener;
    record.family = client.peerFamily;
    record.clientPort = client.peerFamily === 0 ? client.listener.number : client.peerPort;
    record.clientOffset = 0;
    if (client.peerIp6 !== null) record.client = client.peerIp6;
    else {
      for (let i = 0; i < 4; i++) this.#peer[i] = (client.peerIp4 >>> (24 - 8 * i)) & 0xff;
      record.client = this.#peer;
    }
    record.destination = client.listener.address;
    record.destinationOffset = 0;
    record.destinationPort = plan.port;
  }
}
