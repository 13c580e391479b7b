/**
 * Where haproxy 2.6 and nginx read a request in another way than Tandem, with reason: `sent` is the request as it left Tandem,
 * `theirs` as it left the other one (undefined: not at all). What is in no row is a finding.
 */
import type { Forwarded } from '../reference/stream.ts';

export interface WireDifference {
  readonly name: string;
  readonly who: 'haproxy' | 'nginx';
  readonly rule: string;
  readonly why: string;
  readonly applies: (sent: Forwarded, theirs: Forwarded | undefined, bytes: string) => boolean;
}

export function explainedOnWire(
  table: readonly WireDifference[],
  who: string,
  sent: Forwarded,
  theirs: Forwarded | undefined,
  bytes: string,
): WireDifference | undefined {
  return table.find((one) => one.who === who && one.applies(sent, theirs, bytes));
}

const ABSOLUTE = / https?:\/\//i;
const hasHost = ({ fields }: Forwarded): boolean =>
  fields.some(([name, value]) => name.toLowerCase() === 'host' && value !== '');

/** The same bytes from the client, and another request behind the proxy. */
export const FIRST_HOP_DIFFERENCES: readonly WireDifference[] = [
  {
    name: 'a target in absolute-form beside another Host',
    who: 'nginx',
    rule: 'RFC 9112 3.2.2',
    why: 'the target decides; $http_host is what the Host line says',
    applies: (_sent, _theirs, bytes) => ABSOLUTE.test(bytes),
  },
  {
    name: 'a target in absolute-form stays one',
    who: 'haproxy',
    rule: 'RFC 9112 3.2.1',
    why: 'what goes to an origin server goes in origin-form, and its authority as Host',
    applies: (_sent, theirs, bytes) => ABSOLUTE.test(bytes) && ABSOLUTE.test(theirs?.startLine ?? ''),
  },
];
const methodOf = ({ startLine }: Forwarded): string => startLine.split(' ')[0] ?? '';
const targetOf = ({ startLine }: Forwarded): string => startLine.split(' ')[1] ?? '';

/** What leaves Tandem and goes no further. */
export const SECOND_HOP_DIFFERENCES: readonly WireDifference[] = [
  {
    name: 'WebSocket without its key, which an option has let through',
    who: 'haproxy',
    rule: 'RFC 6455 4.2.1',
    why: 'accept-unsafe-violations-in-http-request says so, in haproxy as well',
    applies: (sent, theirs) =>
      theirs === undefined &&
      sent.fields.some(([name, value]) => /^upgrade$/i.test(name) && /websocket/i.test(value)) &&
      !sent.fields.some(([name, value]) => /^sec-websocket-key$/i.test(name) && value.length === 24),
  },
  {
    name: 'a field name of more than 255 bytes',
    who: 'haproxy',
    rule: 'RFC 9110 5.1, 5.4',
    why: 'there is no such limit; haproxy keeps lengths of names in a byte',
    applies: (sent, theirs) => theirs === undefined && sent.fields.some(([name]) => name.length > 255),
  },
  {
    name: 'a method in small letters or with punctuation',
    who: 'nginx',
    rule: 'RFC 9110 9.1',
    why: 'methods are tokens; nginx takes capitals, - and _',
    applies: (sent, theirs) => theirs === undefined && !/^[A-Z_-]+$/.test(methodOf(sent)),
  },
  {
    name: 'HTTP/1.0 without Host',
    who: 'nginx',
    rule: 'RFC 9112 3.2',
    why: 'nginx sends it on as HTTP/1.1 without Host, which no server takes',
    applies: (sent, theirs) => theirs === undefined && !hasHost(sent),
  },
  {
    name: 'a path that nginx cannot make a file name of',
    who: 'nginx',
    rule: 'RFC 9110 7.7',
    why: 'to a proxy a path is opaque: it decodes no escape and leaves no segment out',
    applies: (sent, theirs) =>
      theirs === undefined && /%(?![0-9a-f]{2})|%00|(?:\/|%2f)(?:\.|%2e){2}/i.test(targetOf(sent)),
  },
  {
    name: 'OPTIONS *',
    who: 'nginx',
    rule: 'RFC 9112 3.2.4',
    why: 'nginx has no asterisk-form',
    applies: (sent, theirs) => theirs === undefined && sent.startLine.startsWith('OPTIONS * '),
  },
  {
    name: 'TRACE and CONNECT',
    who: 'nginx',
    rule: 'RFC 9110 9.3.6, 9.3.8',
    why: 'nginx has neither',
    applies: (sent, theirs) => theirs === undefined && ['TRACE', 'CONNECT'].includes(methodOf(sent)),
  },
];
