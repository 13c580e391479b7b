/**
 * A stream's figures → the record that a log line is written from. HAProxy's clock of a request: it begins where the one
 * before ended, or at the accept, and what follows is counted from there.
 *
 *   accept ─ handshake Th ─ idle Ti ─ first byte ─ request TR ─ queue Tw ─ connect Tc ─ response Tr ─ data Td ─ end
 */
import { ipv4Bytes, ipv6Bytes } from '../core/ip-bytes.ts';
import { destinationOf } from './destination.ts';
import type { FrontendLog } from './frontend-log.ts';
import { FAMILY_INET4, FAMILY_INET6, FAMILY_UNIX, LogEnd, type LogRecord } from './log/record.ts';
import { LOG_DEFAULT } from './plan.ts';
import type { ServerRuntime, ThreadContext } from './runtime.ts';
import {
  HEADER_CONNECTIONS,
  PROXY_BACKEND_SESSIONS,
  PROXY_FRONTEND_SESSIONS,
  SERVER_SESSIONS,
} from './shared-state.ts';
import type { Stream } from './stream.ts';

export class LogFiller {
  readonly #context: ThreadContext;
  readonly #peer = new Uint8Array(16);
  readonly #origins = new Map<ServerRuntime, LogEnd>();

  constructor(context: ThreadContext) {
    this.#context = context;
  }

  /** `more`: bytes of the response that are here and not counted yet. */
  fill(record: LogRecord, stream: Stream, more: number): void {
    const { client, backend, target, notes } = stream;
    const { shared, poller } = this.#context;
    const { wallMs } = poller;
    const frontend = client.listener.frontend;
    const { http } = frontend.plan;
    const now = poller.nowMs;
    record.reset();
    this.#fillPeer(record, stream);
    // The clock of a later request begins where the one before ended.
    const begunMs = http && client.requests > 1 ? client.idleSinceMs : client.acceptedMs;
    record.acceptWallMs = begunMs === client.acceptedMs ? client.acceptedWallMs : wallMs - (now - begunMs);
    record.requestWallMs = wallMs - (now - stream.startedMs);
    record.frontend = frontend.name;
    record.backend = backend.name;
    if (target !== null) record.server = target.name;
    record.handshakeMs = client.requests > 1 ? 0 : client.handshakeMs;
    record.idleMs = Math.max(0, stream.startedMs - begunMs - record.handshakeMs);
    let before = http ? stream.startedMs : client.acceptedMs;
    if (stream.headDoneMs !== 0) {
      record.requestMs = stream.headDoneMs - stream.startedMs;
      before = stream.headDoneMs;
    }
    if (stream.queuedMs !== 0) {
      // In TCP mode HAProxy counts from a request time of -1.
      record.queueMs = stream.queuedMs - before + (http ? 0 : 1);
      before = stream.queuedMs;
    }
    if (stream.connectedMs !== 0) {
      record.connectMs = stream.connectedMs - before;
      before = stream.connectedMs;
    }
    if (stream.responseMs !== 0) {
      record.responseMs = stream.responseMs - before;
      before = stream.responseMs;
    }
    if (backend.plan.http ? stream.responseMs !== 0 : stream.connectedMs !== 0) record.dataMs = now - before;
    record.activeMs = now - stream.startedMs;
    record.totalMs = now - begunMs;
    record.status = stream.status === 0 && !stream.badRequest ? -1 : stream.status;
    record.bytes = stream.bytesOut + more;
    record.bytesIn = stream.badRequest ? 0 : stream.bytesIn;
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
    record.http = http;
    if (frontend.logging !== null) this.#fillMore(record, stream, frontend.logging);
    if (notes !== null && !stream.badRequest) record.notes = notes;
  }

  #fillPeer(record: LogRecord, stream: Stream): void {
    const { client } = stream;
    const { plan, frontend } = client.listener;
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
    // The default line has it, too. What was bound may stand for many addresses.
    if (frontend.plan.trafficLog !== LOG_DEFAULT || client.fd < 0) return;
    const destination = destinationOf(client, this.#context.poller);
    if (destination.family === 0) return;
    record.destination = destination.address;
    record.destinationPort = destination.port;
  }

  #fillMore(record: LogRecord, stream: Stream, logging: FrontendLog): void {
    const { client, notes } = stream;
    record.early = logging.plan.early;
    if (logging.wantsDestination) {
      const { address, port } = destinationOf(client, this.#context.poller);
      record.destination = address;
      record.destinationPort = port;
    }
    if (notes === null) return;
    record.requestNumber = notes.requestNumber;
    if (!stream.badRequest) record.bytesIn += notes.requestExtraBytes;
    if (!notes.hasServer) return;
    if (notes.source !== null) {
      record.source.family = notes.source.family;
      record.source.port = notes.source.port;
      record.source.bytes = notes.source.address;
    }
    if (logging.wantsOrigin && stream.target !== null) {
      const { family, bytes } = this.#originOf(stream.target);
      record.origin.family = family;
      record.origin.bytes = bytes;
      record.origin.port = notes.serverPort;
    }
  }

  #originOf(server: ServerRuntime): LogEnd {
    let end = this.#origins.get(server);
    if (end === undefined) {
      end = endOf(server);
      this.#origins.set(server, end);
    }
    return end;
  }
}

function endOf({ plan: { address } }: ServerRuntime): LogEnd {
  const end = new LogEnd();
  if (address.family === 'unix') end.family = FAMILY_UNIX;
  else {
    end.family = address.family === 4 ? FAMILY_INET4 : FAMILY_INET6;
    end.bytes = address.family === 4 ? ipv4Bytes(address.ip) : ipv6Bytes(address.ip);
  }
  return end;
}
