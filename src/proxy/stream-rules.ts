/**
 * Runs the rules of a stream, where its client, and in HTTP mode the head of its request, are there to be looked at.
 *
 * Not here: the rules themselves (rules.ts).
 */
import type { RequestHead } from '../http1/request-head.ts';
import type { ClientConnection } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import { NotedFields } from './noted-fields.ts';
import { NO_RULE, PERSIST_FORCED, type ProxyRules } from './rules.ts';
import type { ServerRuntime, ThreadContext } from './runtime.ts';
import { castSample } from './sample/cast.ts';
import type { SampleExpression } from './sample/expression.ts';
import { SampleScope } from './sample/scope.ts';
import { SAMPLE_BINARY } from './sample/value.ts';
import type { Stream } from './stream.ts';

export class StreamRules {
  readonly #scope: SampleScope;
  readonly #dispatcher: Dispatcher;

  constructor(context: ThreadContext, dispatcher: Dispatcher) {
    this.#scope = new SampleScope(context);
    const fields = new NotedFields(this.#scope);
    this.#scope.captured = fields;
    this.#scope.uniqueIds = fields;
    this.#dispatcher = dispatcher;
  }

  /** Which backend the client's frontend gives it to: the index of a proxy, or -1. */
  backend(client: ClientConnection, head: RequestHead | null, bytes: Buffer): number {
    const { rules, plan } = client.listener.frontend;
    if (rules === null) return plan.defaultBackend;
    const scope = this.#scope.ofClient(client);
    scope.requestHead = head;
    scope.requestBytes = bytes;
    const chosen = rules.backend(scope);
    return chosen === NO_RULE ? plan.defaultBackend : chosen;
  }

  /** What the backend's rules say about its server. */
  apply(stream: Stream, rules: ProxyRules, head: RequestHead | null, bytes: Buffer): void {
    const scope = this.#scope.of(stream);
    scope.requestHead = head;
    scope.requestBytes = bytes;
    stream.persistence = rules.persistence(scope);
    stream.ruledServer = this.#server(stream, rules);
    if (rules.hash !== null) this.#hash(stream, rules.hash);
  }

  /** `balance hash`: the bytes of what the expression is worth. */
  #hash(stream: Stream, expression: SampleExpression): void {
    const scope = this.#scope;
    const { value } = scope;
    if (expression.evaluate(scope) && castSample(value, SAMPLE_BINARY)) stream.backend.hashKey?.ofSample(stream, value);
  }

  /** A rule whose server is down is passed by. */
  #server(stream: Stream, rules: ProxyRules): ServerRuntime | null {
    const { backend, persistence } = stream;
    const anyState = backend.plan.persist || persistence === PERSIST_FORCED;
    for (
      let rule = rules.serverRule(this.#scope, 0);
      rule !== NO_RULE;
      rule = rules.serverRule(this.#scope, rule + 1)
    ) {
      const server = backend.configured[rules.serverOf(rule)] as ServerRuntime;
      if (anyState || this.#dispatcher.acceptsPersistent(server)) return server;
    }
    return null;
  }
}
