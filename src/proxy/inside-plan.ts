/**
 * What proxies answer by themselves, in the plan: statistics and services. The control process makes those answers; to the data
 * process it is a server of backends that no configuration names.
 *
 *   request ─▶ a rule or the stats page's URI fits ─▶ backend `<STATS>` or `<PROMEX>` of that proxy ─▶ the control process
 *
 * Not here: finding out (interception.ts), who answers (src/web/inside).
 */
import type { ConditionPlan } from './condition-plan.ts';
import type { ProxyPlan } from './plan.ts';

/** What the field says of a request, so that the control process knows who asks; nobody else can say it. */
export const INSIDE_FIELD = 'X-Tandem-Inside';

/** `stats http-request`. */
export const INSIDE_ALLOW = 0;
export const INSIDE_DENY = 1;
export const INSIDE_AUTH = 2;

export interface InsideServicePlan {
  /** Index of the backend, among those of the plan and then these. */
  readonly backend: number;
  /** null: always. */
  readonly condition: ConditionPlan | null;
}

export interface InsideStatsPlan {
  readonly backend: number;
  readonly uri: string;
  /** The first one that applies decides. */
  readonly rules: readonly { readonly action: number; readonly condition: ConditionPlan | null }[];
  /** Where one of them applies, servers may be changed. */
  readonly admin: readonly ConditionPlan[];
}

export interface ProxyInsidePlan {
  readonly services: readonly InsideServicePlan[];
  readonly stats: InsideStatsPlan | null;
}

export interface InsidePlan {
  /** Their indices follow those of the plan's proxies, those of their servers the others'. */
  readonly backends: readonly ProxyPlan[];
  /** Of this generation. */
  readonly secret: string;
}
