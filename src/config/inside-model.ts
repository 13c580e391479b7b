/**
 * What a proxy answers by itself instead of passing it on: its stats page (`stats enable` and so on), and services of
 * `http-request use-service`.
 *
 * Not here: who makes the answers (src/web).
 */
import type { Condition } from './acl-model.ts';

export interface StatsUser {
  readonly name: string;
  readonly password: string;
}

/** `stats http-request allow|deny|auth [realm NAME] [if …]`: the first one that applies decides. */
export interface StatsRule {
  readonly action: 'allow' | 'deny' | 'auth';
  /** Of `auth`; null: the page's own. */
  readonly realm: string | null;
  /** null: always. */
  readonly condition: Condition | null;
}

export interface StatsPage {
  /** Requests whose path, or whose target where this does not begin with `/`, begins so. */
  readonly uri: string;
  readonly realm: string;
  /** 0: the page does not refresh by itself. */
  readonly refreshS: number;
  /** Empty: everybody may see it. */
  readonly users: readonly StatsUser[];
  /** Names of proxies, `.` for this one; empty: all of them. */
  readonly scopes: readonly string[];
  readonly hidesVersion: boolean;
  readonly showsLegends: boolean;
  readonly showsModules: boolean;
  /** `show-node [NAME]`; '': the process's own; null: it is not shown. */
  readonly node: string | null;
  /** `show-desc [TEXT]`; '': the process's own; null: it is not shown. */
  readonly description: string | null;
  readonly rules: readonly StatsRule[];
  /** `stats admin if …`: where one of them applies, servers may be changed. */
  readonly admin: readonly Condition[];
}

/** `http-request use-service prometheus-exporter [if …]`. */
export interface ServiceRule {
  readonly service: 'prometheus-exporter';
  /** null: always. */
  readonly condition: Condition | null;
}
