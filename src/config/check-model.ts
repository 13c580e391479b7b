/**
 * How servers are checked: a list of steps on one connection or several, as HAProxy has it since 2.2.
 *
 *   connect ─▶ send ─▶ expect ─▶ expect ─▶ connect ─▶ …
 *
 * `option redis-check` and its like are lists too (haproxy/check-lists.ts). Texts are bytes: one character, one byte.
 * Not here: running them (src/health/rule-run.ts), how they are written (haproxy/check-rules.ts).
 */
import type { SampleExpression } from './sample-model.ts';

/** Whose words are used, and whether answers are HTTP. `connect`: no option said how. */
export type CheckProtocol = 'connect' | 'tcp' | 'http' | 'redis' | 'ssl-hello' | 'smtp' | 'pgsql' | 'mysql' | 'ldap';

/** Bytes with expressions between them, as in a log format. */
export type CheckText = readonly (string | SampleExpression)[];

interface CheckStep {
  /** What messages call it: the first that was written is 1, a connection that nobody wrote is 0. */
  readonly step: number;
  readonly comment: string | null;
}

/** Where another place than the server's own is asked. */
export interface CheckPlace {
  /** IP literal, host name, or a unix path. */
  readonly host: string;
  readonly kind: 'ip4' | 'ip6' | 'name' | 'unix';
  /** 0: as on the server line. */
  readonly port: number;
}

export interface CheckConnect extends CheckStep {
  readonly kind: 'connect';
  /** Everything as on the server line, the PROXY header among it. */
  readonly asServer: boolean;
  /** Overrides everybody's; an expression that gives nothing does not. */
  readonly port: number | SampleExpression | null;
  readonly address: CheckPlace | null;
  /** Closed in the usual way rather than reset. */
  readonly linger: boolean;
  readonly sendProxy: boolean;
}

export interface CheckSend extends CheckStep {
  readonly kind: 'send';
  readonly text: CheckText;
  /** The text becomes bytes: two hexadecimal digits each. */
  readonly hexadecimal: boolean;
}

export interface CheckRequest extends CheckStep {
  readonly kind: 'request';
  readonly method: string; // default OPTIONS
  readonly uri: CheckText; // default /
  /** As written: `HTTP/1.0` (the default), `HTTP/1.1`. */
  readonly version: string;
  readonly headers: readonly { readonly name: string; readonly value: CheckText }[];
  readonly body: CheckText | null;
}

export type CheckOkStatus = 'L7OK' | 'L7OKC' | 'L6OK' | 'L4OK';
export type CheckErrorStatus = 'L7RSP' | 'L7STS' | 'L7OKC' | 'L6RSP' | 'L4CON';
export type CheckTimeoutStatus = 'L7TOUT' | 'L6TOUT' | 'L4TOUT';

export interface CheckExpect extends CheckStep {
  readonly kind: 'expect';
  readonly negate: boolean;
  /** Not judged before so many bytes are there; null: judged as they come, until it matches. */
  readonly minBytes: number | null;
  readonly pattern: CheckPattern;
  readonly okStatus: CheckOkStatus | null;
  readonly errorStatus: CheckErrorStatus | null;
  readonly timeoutStatus: CheckTimeoutStatus | null;
  readonly onSuccess: CheckText | null;
  readonly onError: CheckText | null;
  readonly statusCode: SampleExpression | null;
}

export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** With HTTP, `string` and its like look at the body. Regular expressions are JavaScript's, over bytes. */
export type CheckPattern =
  | { readonly what: 'string' | 'binary'; readonly bytes: string }
  | { readonly what: 'rstring' | 'rbinary' | 'rstatus'; readonly expression: string }
  | { readonly what: 'string-lf' | 'binary-lf'; readonly text: CheckText }
  | { readonly what: 'status'; readonly ranges: readonly StatusRange[] }
  | {
      readonly what: 'header';
      readonly full: boolean;
      readonly name: HeaderPattern;
      readonly value: HeaderPattern | null;
    }
  | { readonly what: 'mysql-greeting' | 'mysql-ok' | 'ldap-bind' };

/** `reg` has its expression as the only text. */
export interface HeaderPattern {
  readonly match: 'str' | 'beg' | 'end' | 'sub' | 'reg';
  readonly text: CheckText;
}

/** `set-var`, `set-var-fmt`, `unset-var` (`value` null): variables live as long as the check. */
export interface CheckSetVariable extends CheckStep {
  readonly kind: 'set-variable';
  readonly name: string;
  readonly value: CheckText | SampleExpression | null;
}

export type CheckRule = CheckConnect | CheckSend | CheckRequest | CheckExpect | CheckSetVariable;

/** The first rule that is not about variables is a connection. */
export interface RuleCheck {
  readonly kind: 'rules';
  readonly protocol: CheckProtocol;
  readonly rules: readonly CheckRule[];
}

export const OWN_CONNECT: CheckConnect = {
  kind: 'connect',
  step: 0,
  comment: null,
  asServer: true,
  port: null,
  address: null,
  linger: false,
  sendProxy: false,
};

/** An expectation but for what is expected. */
export const PLAIN_EXPECT: Omit<CheckExpect, 'step' | 'pattern'> = {
  kind: 'expect',
  comment: null,
  negate: false,
  minBytes: null,
  okStatus: null,
  errorStatus: null,
  timeoutStatus: null,
  onSuccess: null,
  onError: null,
  statusCode: null,
};

/** `check` alone. */
export const PLAIN_CHECK: RuleCheck = { kind: 'rules', protocol: 'connect', rules: [OWN_CONNECT] };
