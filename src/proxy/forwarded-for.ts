/**
 * `option forwardfor`: tells the server who the client is. The frontend's option and the backend's are merged as HAProxy
 * does it: the backend's header name wins, an address excepted by either is left out, `if-none` must hold where it is set.
 */

import { formatIpv6, ipv4Bytes, ipv6Bytes } from '../core/ip-bytes.ts';
import { type Head, matchesName } from '../http1/head.ts';
import type { ClientConnection } from './connection.ts';
import type { InsertBuffer } from './insert-buffer.ts';
import type { ForwardForPlan } from './plan.ts';
import type { ProxyRuntime } from './runtime.ts';

interface Prefix {
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** The merged option of one frontend and backend, ready for use. */
export class ForwardedFor {
  readonly #name: Buffer;
  readonly #lowerName: Buffer;
  readonly #ifNone: boolean;
  readonly #except: readonly Prefix[];
  readonly #peer = new Uint8Array(16);

  constructor(name: string, ifNone: boolean, except: readonly Prefix[]) {
    this.#name = Buffer.from(`${name}: `, 'latin1');
    this.#lowerName = Buffer.from(name.toLowerCase(), 'latin1');
    this.#ifNone = ifNone;
    this.#except = except;
  }

  static of(frontend: ProxyRuntime, backend: ProxyRuntime): ForwardedFor | null {
    const plans = [backend.plan.forwardFor, frontend.plan.forwardFor].filter((plan) => plan !== null);
    const [first] = plans;
    if (first === undefined) return null;
    const except = plans.flatMap((plan: ForwardForPlan) => (plan.except === null ? [] : [prefixOf(plan.except)]));
    return new ForwardedFor(
      first.header,
      plans.every((plan) => plan.ifNone),
      except,
    );
  }

  /** Adds the header line for this client, unless the options say otherwise. */
  insert(into: InsertBuffer, client: ClientConnection, head: Head, bytes: Uint8Array): void {
    if (client.peerFamily === 0 || this.#excepted(client)) return;
    if (this.#ifNone) {
      for (let i = 0; i < head.headerCount; i++) {
        // A line that Connection nominated will not arrive.
        if (head.dropped[i] === 0 && matchesName(head, bytes, i, this.#lowerName)) return;
      }
    }
    into.addAll(this.#name);
    if (client.peerFamily === 4) into.addIp4(client.peerIp4);
    else if (client.peerIp6 !== null) into.addAll(Buffer.from(formatIpv6(client.peerIp6, 0), 'latin1'));
    into.endLine();
  }

  #excepted(client: ClientConnection): boolean {
    if (this.#except.length === 0) return false;
    const peer = client.peerIp6 ?? this.#peer;
    if (client.peerFamily === 4) {
      for (let i = 0; i < 4; i++) this.#peer[i] = (client.peerIp4 >>> (24 - 8 * i)) & 0xff;
    }
    for (const prefix of this.#except) {
      if (prefix.family === client.peerFamily && matches(prefix, peer)) return true;
    }
    return false;
  }
}

function prefixOf(network: { family: 4 | 6; ip: string; prefixLength: number }): Prefix {
  const bytes = network.family === 4 ? ipv4Bytes(network.ip) : ipv6Bytes(network.ip);
  return { family: network.family, bytes, bits: network.prefixLength };
}

function matches(prefix: Prefix, address: Uint8Array): boolean {
  for (let i = 0; i * 8 < prefix.bits; i++) {
    const bits = Math.min(8, prefix.bits - i * 8);
    const mask = (0xff << (8 - bits)) & 0xff;
    if ((((prefix.bytes[i] as number) ^ (address[i] as number)) & mask) !== 0) return false;
  }
  return true;
}
