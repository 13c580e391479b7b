/**
 * What a proxy answers by itself, ready to run: its services, and its stats page.
 *
 * Not here: sending the request there (interception.ts).
 */
import type { RequestHead } from '../http1/request-head.ts';
import type { InsideStatsPlan, ProxyInsidePlan } from './inside-plan.ts';
import { Condition } from './sample/condition.ts';
import type { SampleScope } from './sample/scope.ts';

const SLASH = 0x2f;

interface Service {
  readonly backend: number;
  readonly condition: Condition | null;
}

export class ProxyInside {
  readonly services: readonly Service[];
  /** null: none. */
  readonly stats: InsideStats | null;

  constructor(plan: ProxyInsidePlan) {
    this.services = plan.services.map(({ backend, condition }) => ({ backend, condition: made(condition) }));
    this.stats = plan.stats === null ? null : new InsideStats(plan.stats);
  }
}

export class InsideStats {
  readonly backend: number;
  readonly rules: readonly { readonly action: number; readonly condition: Condition | null }[];
  readonly #uri: Uint8Array;
  readonly #admin: readonly Condition[];

  constructor(plan: InsideStatsPlan) {
    this.backend = plan.backend;
    this.#uri = Buffer.from(plan.uri);
    this.rules = plan.rules.map(({ action, condition }) => ({ action, condition: made(condition) }));
    this.#admin = plan.admin.map((condition) => new Condition(condition));
  }

  /** Its URI is how the path begins, or the whole target where it does not begin with a `/`. */
  fits(head: RequestHead, bytes: Uint8Array): boolean {
    const uri = this.#uri;
    const start = uri[0] === SLASH ? head.pathStart : head.targetStart;
    if (head.targetEnd - start < uri.length) return false;
    for (let i = 0; i < uri.length; i++) if (bytes[start + i] !== uri[i]) return false;
    return true;
  }

  maySet(scope: SampleScope): boolean {
    for (const condition of this.#admin) if (condition.applies(scope)) return true;
    return false;
  }
}

function made(plan: ConstructorParameters<typeof Condition>[0] | null): Condition | null {
  return plan === null ? null : new Condition(plan);
}
