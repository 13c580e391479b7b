/** Takes a log line of HAProxy's apart into the record that must give the same line again. */
import { isIP } from 'node:net';
import { ipv4Bytes, ipv6Bytes } from '../../../src/core/ip-bytes.ts';
import { FAMILY_INET4, FAMILY_INET6, FAMILY_UNIX, LogRecord } from '../../../src/proxy/log/record.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DATE = String.raw`(\d\d)/(\w{3})/(\d{4}):(\d\d):(\d\d):(\d\d)`;
const TIMER = String.raw`(-?\d+)`;

const HTTP = new RegExp(
  String.raw`^(\S+):(\d+) \[(${DATE}\.\d{3})\] (\S+) (\S+)/(\S+) ` +
    String.raw`${TIMER}/${TIMER}/${TIMER}/${TIMER}/${TIMER} ${TIMER} (\d+) - - (.{4}) ` +
    String.raw`(\d+)/(\d+)/(\d+)/(\d+)/(\+?)(\d+) (\d+)/(\d+) "(.*)"$`,
);
const TCP = new RegExp(
  String.raw`^(\S+):(\d+) \[(${DATE}\.\d{3})\] (\S+) (\S+)/(\S+) ` +
    String.raw`${TIMER}/${TIMER}/${TIMER} (\d+) (..) (\d+)/(\d+)/(\d+)/(\d+)/(\+?)(\d+) (\d+)/(\d+)$`,
);
const CLF = new RegExp(
  String.raw`^(\S+) - - \[(${DATE}) \+0000\] "(.*)" ${TIMER} (\d+) "" "" (\d+) (\d{3}) "(.*?)" "(.*?)" "(.*?)" ` +
    String.raw`${TIMER} ${TIMER} ${TIMER} ${TIMER} ${TIMER} (.{4}) (\d+) (\d+) (\d+) (\d+) (\+?)(\d+) (\d+) (\d+) "" "" $`,
);
const CONNECT = /^Connect from (\S+):(\d+) to (\S+):(\d+) \((\S+)\/(HTTP|TCP)\)$/;
const CONNECT_UNIX = /^Connect to unix:(\d+) \((\S+)\/(HTTP|TCP)\)$/;

/** The groups of a match, in order. */
class Fields {
  readonly #groups: string[];
  #next = 1;

  constructor(match: RegExpExecArray) {
    this.#groups = [...match];
  }

  text(): string {
    return this.#groups[this.#next++] ?? '';
  }

  number(): number {
    return Number(this.text());
  }

  bytes(): Buffer {
    return Buffer.from(this.text(), 'latin1');
  }

  /** Local or universal date, with or without milliseconds; steps over the inner groups. */
  date(universal: boolean): number {
    const ms = Number(/\.(\d{3})$/.exec(this.text())?.[1] ?? 0);
    const day = this.number();
    const month = MONTHS.indexOf(this.text());
    const [year, hour, minute, second] = [this.number(), this.number(), this.number(), this.number()];
    if (universal) return Date.UTC(year, month, day, hour, minute, second, ms);
    return new Date(year, month, day, hour, minute, second, ms).getTime();
  }
}

function addressBytes(ip: string): Uint8Array {
  return isIP(ip) === 4 ? ipv4Bytes(ip) : ipv6Bytes(ip);
}

function setClient(record: LogRecord, ip: string): void {
  const version = isIP(ip);
  record.family = version === 4 ? FAMILY_INET4 : version === 6 ? FAMILY_INET6 : FAMILY_UNIX;
  if (version !== 0) record.client = addressBytes(ip);
}

function setTermination(record: LogRecord, letters: string): void {
  record.cause = letters.charCodeAt(0);
  record.phase = letters.charCodeAt(1);
  if (letters.length < 4) return;
  record.requestCookie = letters.charCodeAt(2);
  record.responseCookie = letters.charCodeAt(3);
}

function setCounters(record: LogRecord, fields: Fields): void {
  record.activeConnections = fields.number();
  record.frontendConnections = fields.number();
  record.backendConnections = fields.number();
  record.serverConnections = fields.number();
  record.redispatched = fields.text() === '+';
  record.retries = fields.number();
  record.serverQueue = fields.number();
  record.backendQueue = fields.number();
}

/** `#XX` back to the byte. */
function setRequest(record: LogRecord, text: string): void {
  if (text === '<BADREQ>') return;
  const raw = text.replace(/#([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  record.request = Buffer.from(`??${raw}`, 'latin1');
  record.requestOffset = 2;
  record.requestLength = record.request.length - 2;
}

function fieldsOf(pattern: RegExp, line: string): Fields {
  const match = pattern.exec(line);
  if (match === null) throw new Error(`not such a line: ${line}`);
  return new Fields(match);
}

export function parseHttp(line: string): LogRecord {
  const fields = fieldsOf(HTTP, line);
  const record = new LogRecord();
  setClient(record, fields.text());
  record.clientPort = fields.number();
  record.requestWallMs = fields.date(false);
  record.frontend = fields.bytes();
  record.backend = fields.bytes();
  record.server = fields.bytes();
  record.requestMs = fields.number();
  record.queueMs = fields.number();
  record.connectMs = fields.number();
  record.responseMs = fields.number();
  record.activeMs = fields.number();
  record.status = fields.number();
  record.bytes = fields.number();
  setTermination(record, fields.text());
  setCounters(record, fields);
  setRequest(record, fields.text());
  return record;
}

export function parseTcp(line: string): LogRecord {
  const fields = fieldsOf(TCP, line);
  const record = new LogRecord();
  setClient(record, fields.text());
  record.clientPort = fields.number();
  record.acceptWallMs = fields.date(false);
  record.frontend = fields.bytes();
  record.backend = fields.bytes();
  record.server = fields.bytes();
  record.queueMs = fields.number();
  record.connectMs = fields.number();
  record.totalMs = fields.number();
  record.bytes = fields.number();
  setTermination(record, fields.text());
  setCounters(record, fields);
  return record;
}

export function parseClf(line: string): LogRecord {
  const fields = fieldsOf(CLF, line);
  const record = new LogRecord();
  setClient(record, fields.text());
  record.requestWallMs = fields.date(true);
  setRequest(record, fields.text());
  record.status = fields.number();
  record.bytes = fields.number();
  record.clientPort = fields.number();
  record.acceptWallMs = record.requestWallMs + fields.number();
  record.frontend = fields.bytes();
  record.backend = fields.bytes();
  record.server = fields.bytes();
  record.requestMs = fields.number();
  record.queueMs = fields.number();
  record.connectMs = fields.number();
  record.responseMs = fields.number();
  record.activeMs = fields.number();
  setTermination(record, fields.text());
  setCounters(record, fields);
  return record;
}

export function parseDefault(line: string): LogRecord {
  const record = new LogRecord();
  if (CONNECT_UNIX.test(line)) {
    const fields = fieldsOf(CONNECT_UNIX, line);
    record.family = FAMILY_UNIX;
    record.clientPort = fields.number();
    record.frontend = fields.bytes();
    record.http = fields.text() === 'HTTP';
    return record;
  }
  const fields = fieldsOf(CONNECT, line);
  setClient(record, fields.text());
  record.clientPort = fields.number();
  record.destination = addressBytes(fields.text());
  record.destinationPort = fields.number();
  record.frontend = fields.bytes();
  record.http = fields.text() === 'HTTP';
  return record;
}
