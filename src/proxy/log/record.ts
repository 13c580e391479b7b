/**
 * What one log line says: a plain object that the session fills again for each stream, numbers and byte ranges only.
 *
 * Every field must be filled for the line that is written (`reset` puts the values of a stream that got nowhere). Times
 * are milliseconds; a phase that was not reached is -1. The names are HAProxy's, from its log-format table.
 *
 * Not here: the text of the line (line.ts), where it goes (sink.ts).
 */
import type { StreamNotes } from './notes.ts';

/** Families of the two ends: of an inet connection both have the same. */
export const FAMILY_UNIX = 0;
export const FAMILY_INET4 = 4;
export const FAMILY_INET6 = 6;
/** There is no such end, or nobody knows it. */
export const FAMILY_NONE = -1;

/** HAProxy keeps this much of a request line (REQURI_LEN less its final NUL); the session copies at most as much. */
export const REQUEST_LINE_MAX_BYTES = 1023;

const NOTHING = new Uint8Array(16);
const DASH = 0x2d;
const NOBODY = Uint8Array.from('<NOSRV>', (letter) => letter.charCodeAt(0));

/** An end of a connection to a server. */
export class LogEnd {
  /** FAMILY_*. */
  family = FAMILY_NONE;
  bytes: Uint8Array = NOTHING;
  port = 0;
}

export class LogRecord {
  /** FAMILY_*. */
  family = FAMILY_INET4;
  /** Where the client's address is, 4 or 16 bytes in network order. */
  client: Uint8Array = NOTHING;
  clientOffset = 0;
  /** %cp; for a unix socket the number of the listener, counted from 1 within its frontend. */
  clientPort = 0;
  /** The address that the client connected to; only the default line says it. */
  destination: Uint8Array = NOTHING;
  destinationOffset = 0;
  destinationPort = 0;

  /** %t: when the connection was accepted. */
  acceptWallMs = 0;
  /** %tr: when the request's first byte came; accept plus handshake and idle time. */
  requestWallMs = 0;

  /** Names as bytes, made once when the plan is loaded. */
  frontend: Uint8Array = NOTHING;
  backend: Uint8Array = NOTHING;
  /** `<NOSRV>` (see `noServer`) when no server was chosen. */
  server: Uint8Array = NOBODY;

  /** %TR: until the whole request head was there. */
  requestMs = -1;
  /** %Tw: in queues. */
  queueMs = -1;
  /** %Tc: until the server accepted. */
  connectMs = -1;
  /** %Tr: until the whole response head was there. */
  responseMs = -1;
  /** %Ta: from the request's first byte to the end. */
  activeMs = 0;
  /** %Tt: from accept, or the end of the request before, to the end. */
  totalMs = 0;
  /** %Th: of a PROXY header; %Ti: until the request's first byte; %Td: from the response's head to the end. */
  handshakeMs = 0;
  idleMs = 0;
  dataMs = -1;

  /** %ST; -1: none was sent. */
  status = -1;
  /** %B: bytes to the client, headers too. */
  bytes = 0;
  /** %U: bytes from the client. */
  bytesIn = 0;
  /** The stream goes on: some figures have a `+` before them. */
  early = false;

  /** Termination state, four letters as bytes: who or what ended it, in which phase, request and response cookie. */
  cause = DASH;
  phase = DASH;
  requestCookie = DASH;
  responseCookie = DASH;

  /** %ac %fc %bc %sc, this stream and its connection included. */
  activeConnections = 0;
  frontendConnections = 0;
  backendConnections = 0;
  serverConnections = 0;
  /** %rc, with a `+` before it when the stream went to another server in the end. */
  retries = 0;
  redispatched = false;
  /** %sq %bq: how many were before this one when it was queued. */
  serverQueue = 0;
  backendQueue = 0;

  /** The request line as the client sent it, without the line end; length 0: `<BADREQ>`. */
  request: Uint8Array = NOTHING;
  requestOffset = 0;
  requestLength = 0;
  /** Whether the frontend is in HTTP mode. */
  http = true;

  /** %bi %bp and %si %sp; filled where a format asks for them. */
  readonly source = new LogEnd();
  readonly origin = new LogEnd();
  /** %rt %lc; filled where a format asks for them. */
  requestNumber = 0;
  lineNumber = 0;
  /** Captures and the unique ID. */
  notes: StreamNotes | null = null;

  /** As of a stream that got nowhere; addresses, names and dates stay. */
  reset(): void {
    this.server = NOBODY;
    this.requestMs = -1;
    this.queueMs = -1;
    this.connectMs = -1;
    this.responseMs = -1;
    this.activeMs = 0;
    this.totalMs = 0;
    this.dataMs = -1;
    this.status = -1;
    this.bytes = 0;
    this.cause = DASH;
    this.phase = DASH;
    this.requestCookie = DASH;
    this.responseCookie = DASH;
    this.retries = 0;
    this.redispatched = false;
    this.serverQueue = 0;
    this.backendQueue = 0;
    this.requestLength = 0;
    this.early = false;
    this.source.family = FAMILY_NONE;
    this.origin.family = FAMILY_NONE;
    this.notes = null;
  }

  noServer(): void {
    this.server = NOBODY;
  }
}
