/**
 * Every request of a run, by its number, which it carries in its target and its answer in a field: what was asked, what has
 * become of it, and who may know of it.
 */
import { violated } from './violation.ts';

export const GET = 0;
export const HEAD = 1;
export const POST = 2;
export const PUT = 3;
export const DELETE = 4;

// What is true of a request.
/** Its client has sent all of it. */
export const SENT = 1;
/** It breaks a rule in its head: no server may see it. */
export const BAD_HEAD = 2;
/** It breaks a rule in its body: no server may see its end. */
export const BAD_BODY = 4;
/** A server has seen all of it. */
export const ARRIVED = 8;
/** The server cut its answer off by a FIN where nothing else tells the end: it looks whole. */
export const CUT_WHOLE = 16;
/** Bytes that nobody had asked for may have crossed it. */
export const CROSSED = 32;
/** It asks for a tunnel. */
export const UPGRADES = 64;
export const CHUNKED = 128;
export const EXPECTS = 256;
/** HTTP/1.0. */
export const OLD = 512;
/** `Connection: close`, or an HTTP/1.0 client that does not keep its connection. */
export const CLOSES = 1024;
/** Through a TCP proxy: the two speak to each other directly. */
export const DIRECT = 2048;

export class Requests {
  readonly limit: number;
  count = 0;
  readonly method: Uint8Array;
  readonly facts: Int32Array;
  readonly requestBytes: Int32Array;
  readonly responseBytes: Int32Array;
  /** How many servers have seen it. */
  readonly seen: Uint8Array;
  /** RETRY_* of src/proxy/plan.ts: what servers have done to it. */
  readonly failed: Int32Array;
  /** The index of the server that its cookie names; -1: none. */
  readonly cookie: Int16Array;

  constructor(limit: number) {
    this.limit = limit;
    this.method = new Uint8Array(limit);
    this.facts = new Int32Array(limit);
    this.requestBytes = new Int32Array(limit);
    this.responseBytes = new Int32Array(limit);
    this.seen = new Uint8Array(limit);
    this.failed = new Int32Array(limit);
    this.cookie = new Int16Array(limit);
  }

  reset(): void {
    this.count = 0;
  }

  add(method: number, facts: number, requestBytes: number, responseBytes: number): number {
    if (this.count === this.limit) violated('more requests than were planned');
    const id = this.count++;
    this.method[id] = method;
    this.facts[id] = facts;
    this.requestBytes[id] = requestBytes;
    this.responseBytes[id] = responseBytes;
    this.seen[id] = 0;
    this.failed[id] = 0;
    this.cookie[id] = -1;
    return id;
  }

  is(id: number, fact: number): boolean {
    return ((this.facts[id] as number) & fact) !== 0;
  }

  fail(id: number, how: number): void {
    this.failed[id] = (this.failed[id] as number) | how;
  }

  note(id: number, fact: number): void {
    this.facts[id] = (this.facts[id] as number) | fact;
  }
}

/** The bodies of a request and of its answer, as pattern.ts counts them. */
export function requestBody(id: number): number {
  return 2 * id;
}

export function responseBody(id: number): number {
  return 2 * id + 1;
}

/** What flows in a tunnel: two more. */
export function tunnelUp(id: number): number {
  return 0x4000_0000 + 2 * id;
}

export function tunnelDown(id: number): number {
  return 0x4000_0001 + 2 * id;
}
