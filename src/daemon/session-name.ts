/**
 * How operators name a session: a number that looks like HAProxy's pointers, made of generation, thread, connection and request,
 * so that it never means another one.
 *
 *   0x1 01 0000002a 001      generation 1, thread 1, its 42nd connection, the first request on it
 */
const REQUEST_BITS = 12n;
const SERIAL_BITS = 32n;
const THREAD_BITS = 8n;
const LIMIT = 1n << 64n;

export interface SessionPlace {
  readonly generation: number;
  /** From 0. */
  readonly thread: number;
  readonly serial: number;
  readonly request: number;
}

export function sessionName({ generation, thread, serial, request }: SessionPlace): string {
  let name = BigInt(generation);
  name = (name << THREAD_BITS) | low(thread + 1, THREAD_BITS);
  name = (name << SERIAL_BITS) | low(serial, SERIAL_BITS);
  name = (name << REQUEST_BITS) | low(request, REQUEST_BITS);
  return `0x${(name % LIMIT).toString(16)}`;
}

/** null: it is no number, or 0, which names nothing. Numbers as strtoul(3) reads them: hexadecimal, octal, decimal. */
export function sessionPlace(text: string): SessionPlace | null {
  const digits = /^(?:0x[0-9a-f]+|\d+)/i.exec(text)?.[0];
  if (digits === undefined) return null;
  const octal = /^0[0-7]+$/.test(digits);
  const number = BigInt(octal ? `0o${digits.slice(1)}` : digits.toLowerCase());
  if (number <= 0n || number >= LIMIT) return null;
  const take = (from: bigint, bits: bigint): number => Number((number >> from) & ((1n << bits) - 1n));
  return {
    generation: Number(number >> (REQUEST_BITS + SERIAL_BITS + THREAD_BITS)),
    thread: take(REQUEST_BITS + SERIAL_BITS, THREAD_BITS) - 1,
    serial: take(REQUEST_BITS, SERIAL_BITS),
    request: take(0n, REQUEST_BITS),
  };
}

function low(value: number, bits: bigint): bigint {
  return BigInt(value) & ((1n << bits) - 1n);
}
