/**
 * What a hashing `balance` hashes: the client's address, or a part of the request's head. The hash is left in the stream; a
 * request without that part has none, and goes by a round robin, as in HAProxy.
 */
import { afterBlanks, trimmedEnd, valueEnd } from '../../http1/blanks.ts';
import { equalsIgnoringCase, offsetOf, startsWith } from '../../http1/byte-match.ts';
import { tokenTable } from '../../http1/char-class.ts';
import { matchesName } from '../../http1/head.ts';
import { METHOD_POST } from '../../http1/method.ts';
import type { RequestHead } from '../../http1/request-head.ts';
import type { HashPlan } from '../plan.ts';
import { hashBytes, spread } from './hash.ts';

const DOT = 46;
const SLASH = 47;
const COLON = 58;
const EQUALS = 61;
const QUESTION = 63;
const AMPERSAND = 38;
const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const NONE = -1;
const TOKEN = tokenTable();

/** A range of bytes. */
export interface HashedBytes {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** From the beginning of the bytes. */
export interface AddedLines {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** Of a stream, what is read and written here. */
export interface Hashed {
  readonly client: { readonly peerFamily: number; readonly peerIp4: number; readonly peerIp6: Uint8Array | null };
  hashed: boolean;
  hash: number;
}

export class HashKey {
  readonly #plan: HashPlan;
  readonly #name: Buffer;
  /** Where the value that was found ends. */
  #end = 0;

  constructor(plan: HashPlan) {
    this.#plan = plan;
    this.#name = Buffer.from(plan.by === 'hdr' ? plan.name.toLowerCase() : plan.name, 'latin1');
  }

  /** Of a stream whose request is not looked at. */
  ofClient(stream: Hashed): void {
    if (this.#plan.by === 'source') this.#source(stream);
  }

  /** `head` stands in `bytes`, not edited yet. */
  ofRequest(stream: Hashed, head: RequestHead, bytes: Uint8Array): void {
    switch (this.#plan.by) {
      case 'source':
        this.#source(stream);
        return;
      case 'uri':
        this.#uri(stream, head, bytes);
        return;
      case 'url_param':
        this.#found(stream, bytes, this.#parameter(bytes, head.targetStart, head.targetEnd));
        return;
      case 'hdr':
        this.#field(stream, head, bytes);
        return;
      case 'sample':
      case 'nothing':
        return;
    }
  }

  /**
   * A field that the proxy adds (`option forwardfor`, an ID) is one of the request's, behind those that came. `added` are
   * whole lines.
   */
  ofAdded(stream: Hashed, head: RequestHead, bytes: Uint8Array, added: AddedLines): void {
    if (this.#plan.by !== 'hdr' || stream.hashed) return;
    // One that came and is empty has no hash either.
    for (let i = 0; i < head.headerCount; i++) if (matchesName(head, bytes, i, this.#name)) return;
    const name = this.#name;
    for (let at = 0; at < added.length; ) {
      const lineEnd = offsetOf(added.bytes, CR, at, added.length);
      const colon = at + name.length;
      if (added.bytes[colon] === COLON && equalsIgnoringCase(added.bytes, at, colon, name)) {
        this.#value(stream, added.bytes, afterBlanks(added.bytes, colon + 1, lineEnd), lineEnd);
        return;
      }
      at = lineEnd + 2;
    }
  }

  /** Is binary already (../stream-rules.ts). */
  ofSample(stream: Hashed, { bytes, start, end }: HashedBytes): void {
    this.#end = end;
    this.#found(stream, bytes, start);
  }

  /** Whether a parameter that the URL lacks may stand in the body. */
  wantsBody(stream: Hashed, method: number): boolean {
    return this.#plan.by === 'url_param' && method === METHOD_POST && !stream.hashed;
  }

  /** How long it may take to come, 0: as long as it likes. */
  get bodyMs(): number {
    return this.#plan.bodyMs;
  }

  /** A form in bytes[start, end), without chunks around it. Its parameter's value begins like a word, or it is no form. */
  ofBody(stream: Hashed, bytes: Uint8Array, start: number, end: number): void {
    const value = this.#named(bytes, start, end);
    if (value === NONE) return;
    if (value < this.#end && TOKEN[bytes[value] as number] === 0) {
      if (!isSpace(bytes[value])) return;
      this.#end = value;
    }
    this.#found(stream, bytes, value);
  }

  #found(stream: Hashed, bytes: Uint8Array, start: number): void {
    if (start === NONE) return;
    this.#set(stream, hashBytes(this.#plan.function, bytes, start, this.#end));
  }

  #set(stream: Hashed, hash: number): void {
    stream.hashed = true;
    stream.hash = this.#plan.avalanche ? spread(hash) : hash;
  }

  /** An address is not hashed by the function: its 32-bit words are added without carry. */
  #source(stream: Hashed): void {
    const { peerFamily, peerIp4, peerIp6 } = stream.client;
    if (peerFamily === 4) this.#set(stream, peerIp4 | 0);
    else if (peerIp6 !== null) {
      let hash = 0;
      for (let i = 0; i < 16; i++) hash ^= (peerIp6[i] as number) << (24 - 8 * (i & 3));
      this.#set(stream, hash);
    }
  }

  /**
   * Up to the query, or to a length, or to a number of slashes. (HAProxy takes the port of `http://name:80/…` out before; such
   * targets are for forward proxies.)
   */
  #uri(stream: Hashed, head: RequestHead, bytes: Uint8Array): void {
    const { pathOnly, lengthBytes, depth, whole } = this.#plan;
    const start = pathOnly ? head.pathStart : head.targetStart;
    // The target `*` has no path.
    const end = pathOnly && bytes[start] !== SLASH ? start : head.targetEnd;
    const limit = lengthBytes > 0 ? Math.min(end, start + lengthBytes) : end;
    let slashes = 0;
    let at = start;
    for (; at < limit; at++) {
      const byte = bytes[at];
      // `depth` directories end at the slash behind them.
      if (byte === SLASH && depth > 0 && ++slashes > depth) break;
      if (byte === QUESTION && !whole) break;
    }
    this.#end = at;
    this.#found(stream, bytes, start);
  }

  /** Where the value of the parameter begins, NONE without it. */
  #parameter(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && bytes[at] !== QUESTION) at++;
    return this.#named(bytes, at + 1, end);
  }

  /** The same in a list of parameters. */
  #named(bytes: Uint8Array, start: number, end: number): number {
    const name = this.#name;
    let at = start;
    while (end - at > name.length) {
      if (bytes[at + name.length] === EQUALS && startsWith(bytes, at, name)) {
        const value = at + name.length + 1;
        let to = value;
        while (to < end && bytes[to] !== AMPERSAND) to++;
        this.#end = to;
        return value;
      }
      while (at < end && bytes[at] !== AMPERSAND) at++;
      at++;
    }
    return NONE;
  }

  /** The first of the comma-separated values of the first line of that name. */
  #field(stream: Hashed, head: RequestHead, bytes: Uint8Array): void {
    for (let i = 0; i < head.headerCount; i++) {
      if (!matchesName(head, bytes, i, this.#name)) continue;
      this.#value(stream, bytes, head.valueStart[i] as number, head.valueEnd[i] as number);
      return;
    }
  }

  #value(stream: Hashed, bytes: Uint8Array, start: number, lineEnd: number): void {
    const end = trimmedEnd(bytes, start, valueEnd(bytes, start, lineEnd));
    if (end === start) return;
    this.#end = end;
    this.#found(stream, bytes, this.#plan.domainOnly ? this.#domain(bytes, start, end) : start);
  }

  /** `use_domain_only`: what stands before the last dot, back to the dot before it. */
  #domain(bytes: Uint8Array, start: number, end: number): number {
    let dot = end - 1;
    while (dot > start && bytes[dot] !== DOT) dot--;
    if (dot === start) return start;
    this.#end = dot;
    let at = dot - 1;
    while (at > start && bytes[at - 1] !== DOT) at--;
    return at;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CR || byte === LF;
}
