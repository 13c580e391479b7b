/**
 * Sample expressions in the plan: words, and arguments as plain data. Names of proxies and servers have become indices, of a
 * server two of them: its backend's, and its place among the servers there.
 *
 * Not here: running them (src/proxy/sample).
 */
export interface SampleStepPlan {
  /** As in HAProxy's tables of fetches and converters. */
  readonly word: string;
  /** null: left out. Integers beyond 2^53 are text. */
  readonly arguments: readonly (string | number | null)[];
}

export interface SamplePlan {
  readonly fetch: SampleStepPlan;
  readonly converters: readonly SampleStepPlan[];
}
