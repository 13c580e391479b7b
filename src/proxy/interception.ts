/**
 * Requests that a proxy answers by itself: they go to a backend of that proxy's own behind which the control process is, with
 * a field that says who asks. It is the last one of its name: what a client says there is dropped.
 *
 *   frontend's rules ─▶ `<PROMEX>` · `<STATS>`? ─ no ─▶ its backend's rules ─▶ `<PROMEX>` · `<STATS>`? ─ no ─▶ a server
 *
 * Not here: the rules (inside.ts), the exchange, which is like any other (http-exchange.ts).
 */
import { ascii, equalsIgnoringCase } from '../http1/byte-match.ts';
import { METHOD_GET, METHOD_HEAD, METHOD_POST } from '../http1/method.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { ClientConnection } from './connection.ts';
import { COOKIE_NONE } from './cookies.ts';
import type { InsertBuffer } from './insert-buffer.ts';
import type { InsideStats, ProxyInside } from './inside.ts';
import { INSIDE_ALLOW, INSIDE_AUTH, INSIDE_DENY, INSIDE_FIELD } from './inside-plan.ts';
import { NotedFields } from './noted-fields.ts';
import type { ProxyRuntime, ServerRuntime, ThreadContext } from './runtime.ts';
import { SampleScope } from './sample/scope.ts';
import { PROXY_INTERCEPTED } from './shared-state.ts';
import { CAUSE_LOCAL, PHASE_REQUEST, type Stream } from './stream.ts';

const NO_RULE = -1;
const NAME = ascii(INSIDE_FIELD.toLowerCase());

export class Interception {
  readonly #context: ThreadContext;
  readonly #scope: SampleScope;
  /** Of the request that was intercepted last. */
  #owner: ProxyRuntime | null = null;
  #action = INSIDE_ALLOW;
  #rule = NO_RULE;
  #maySet = false;
  #isStats = false;

  constructor(context: ThreadContext) {
    this.#context = context;
    this.#scope = new SampleScope(context);
    const fields = new NotedFields(this.#scope);
    this.#scope.captured = fields;
    this.#scope.uniqueIds = fields;
  }

  /** The backend that answers for the proxy; null: it does not answer this one by itself. */
  backend(proxy: ProxyRuntime, inside: ProxyInside, client: ClientConnection, head: RequestHead, bytes: Buffer) {
    const scope = this.#scope.ofClient(client).request(head, bytes);
    this.#owner = proxy;
    this.#action = INSIDE_ALLOW;
    this.#rule = NO_RULE;
    this.#maySet = false;
    this.#isStats = false;
    for (const { backend, condition } of inside.services) {
      if (condition === null || condition.applies(scope)) return this.#context.proxies[backend] as ProxyRuntime;
    }
    const { stats } = inside;
    if (stats === null || !isForPages(head.method) || !stats.fits(head, bytes)) return null;
    this.#isStats = true;
    this.#judge(stats);
    return this.#context.proxies[stats.backend] as ProxyRuntime;
  }

  /** What is special about it from now on; true: it is denied. */
  begin(stream: Stream): boolean {
    const { frontend } = stream.client.listener;
    const owner = this.#owner as ProxyRuntime;
    stream.target = stream.backend.servers[0] as ServerRuntime;
    if (owner.cookieName !== null) {
      stream.requestCookie = COOKIE_NONE;
      stream.responseCookie = COOKIE_NONE;
    }
    if (this.#action === INSIDE_DENY) return true;
    stream.blame(CAUSE_LOCAL, PHASE_REQUEST);
    if (owner === frontend) this.#context.shared.add(frontend.row + PROXY_INTERCEPTED, 1);
    return false;
  }

  /** `SECRET PROXY stats|service RULE ADMIN ALLOWED`; rule: the number of the one that wants a password, -1: none does. */
  tell(head: RequestHead, bytes: Uint8Array, insert: InsertBuffer): void {
    for (let h = 0; h < head.headerCount; h++) {
      if (equalsIgnoringCase(bytes, head.nameStart[h] as number, head.nameEnd[h] as number, NAME)) head.drop(h);
    }
    const secret = this.#context.plan.inside?.secret ?? '';
    const rule = this.#action === INSIDE_AUTH ? this.#rule : NO_RULE;
    const allowed = this.#action === INSIDE_ALLOW && this.#rule !== NO_RULE;
    const kind = this.#isStats ? 'stats' : 'service';
    const words = [secret, this.#owner?.plan.index, kind, rule, this.#maySet ? 1 : 0, allowed ? 1 : 0];
    insert.addAll(Buffer.from(`${INSIDE_FIELD}: ${words.join(' ')}\r\n`, 'latin1'));
  }

  /** `stats http-request`, and whether servers may be changed. */
  #judge(stats: InsideStats): void {
    const scope = this.#scope;
    for (let i = 0; i < stats.rules.length; i++) {
      const rule = stats.rules[i];
      if (rule === undefined || (rule.condition !== null && !rule.condition.applies(scope))) continue;
      this.#action = rule.action;
      this.#rule = i;
      break;
    }
    this.#maySet = stats.maySet(scope);
  }
}

/** As in HAProxy: other methods are the servers' affair. */
function isForPages(method: number): boolean {
  return method === METHOD_GET || method === METHOD_HEAD || method === METHOD_POST;
}
