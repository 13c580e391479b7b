/**
 * Which type of sample can become which, as in HAProxy's matrix of casts, and what fetches need.
 * Not here: doing it (src/proxy/sample/cast.ts).
 */
import {
  PLACE_BACKEND,
  PLACE_CHECK,
  PLACE_CONNECT,
  PLACE_CONNECTION,
  PLACE_LOAD,
  PLACE_LOG,
  PLACE_REQUEST,
  PLACE_RESPONSE,
  PLACE_SERVER,
  type SampleType,
} from '../sample-model.ts';

/** From each type: those that it can be cast to. `any` is everything, either way. */
const CASTS: Readonly<Record<SampleType, readonly SampleType[]>> = {
  any: ['bool', 'sint', 'addr', 'ipv4', 'ipv6', 'str', 'bin', 'meth'],
  bool: ['bool', 'sint', 'str', 'bin'],
  sint: ['bool', 'sint', 'addr', 'ipv4', 'ipv6', 'str', 'bin'],
  addr: ['addr', 'ipv4', 'ipv6', 'sint', 'str', 'bin'],
  ipv4: ['sint', 'addr', 'ipv4', 'ipv6', 'str', 'bin'],
  ipv6: ['addr', 'ipv4', 'ipv6', 'str', 'bin'],
  str: ['bool', 'sint', 'addr', 'ipv4', 'ipv6', 'str', 'bin', 'meth'],
  bin: ['str', 'bin', 'meth'],
  meth: ['str', 'bin', 'meth'],
};

export function canCast(from: SampleType, to: SampleType): boolean {
  return to === 'any' || CASTS[from].includes(to);
}

/** What a fetch looks at. */
export type SampleNeed =
  | 'constant'
  | 'internal'
  | 'listener'
  | 'frontend'
  | 'client'
  | 'session'
  | 'request-bytes'
  | 'request-fields'
  | 'request-line'
  | 'request-body'
  | 'backend'
  | 'server'
  | 'server-connection'
  | 'response-bytes'
  | 'response-fields'
  | 'response-line';

interface Need {
  /** HAProxy's words for it. */
  readonly words: string;
  readonly places: number;
}

const IN_REQUEST = PLACE_REQUEST | PLACE_BACKEND | PLACE_SERVER;
const BEHIND = PLACE_CONNECT | PLACE_RESPONSE | PLACE_LOG;
const STREAM = IN_REQUEST | BEHIND;

const NEEDS: Readonly<Record<SampleNeed, Need>> = {
  constant: { words: 'constant', places: PLACE_CONNECTION | STREAM | PLACE_CHECK | PLACE_LOAD },
  internal: { words: 'internal state', places: PLACE_CONNECTION | STREAM | PLACE_CHECK },
  listener: { words: 'listener', places: PLACE_CONNECTION | STREAM },
  frontend: { words: 'frontend', places: PLACE_CONNECTION | STREAM },
  client: { words: 'client address', places: PLACE_CONNECTION | STREAM | PLACE_CHECK },
  session: { words: 'client-side connection', places: STREAM },
  'request-bytes': { words: 'request buffer', places: IN_REQUEST | PLACE_CONNECT },
  'request-fields': { words: 'HTTP request headers', places: IN_REQUEST | PLACE_CONNECT },
  'request-line': { words: 'HTTP request', places: STREAM },
  'request-body': { words: 'HTTP request body', places: PLACE_BACKEND | PLACE_SERVER | PLACE_CONNECT },
  backend: { words: 'backend', places: PLACE_SERVER | BEHIND | PLACE_CHECK },
  server: { words: 'server', places: BEHIND | PLACE_CHECK },
  'server-connection': { words: 'server address', places: PLACE_RESPONSE | PLACE_LOG | PLACE_CHECK },
  'response-bytes': { words: 'response buffer', places: PLACE_RESPONSE | PLACE_CHECK },
  'response-fields': { words: 'HTTP response headers', places: PLACE_RESPONSE | PLACE_CHECK },
  'response-line': { words: 'HTTP response', places: PLACE_RESPONSE | PLACE_LOG | PLACE_CHECK },
};

/** Of several needs, each is enough. */
export function placesOf(needs: readonly SampleNeed[]): number {
  return needs.reduce((places, need) => places | NEEDS[need].places, 0);
}

export function needWords(needs: readonly SampleNeed[]): string {
  return needs.map((need) => NEEDS[need].words).join(',');
}
