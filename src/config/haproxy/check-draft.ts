/**
 * Checks while the configuration is read: an option says which list is used, rules are collected for each kind of list, and
 * what `option httpchk` says is folded into the first request.
 *
 *   option httpchk GET /a   ┐
 *   http-check send ver …   ┘─▶ one request; whichever came last wins, field by field
 *
 * The rules of a proxy replace those inherited from defaults; the request of an inherited `option httpchk` stays (HAProxy 2.6
 * would then send no request at all and find every server down).
 */
import {
  type CheckConnect,
  type CheckExpect,
  type CheckRequest,
  type CheckRule,
  type CheckSend,
  type CheckSetVariable,
  OWN_CONNECT,
  PLAIN_CHECK,
  PLAIN_EXPECT,
  type RuleCheck,
} from '../check-model.ts';
import type { Statement } from './statement.ts';

export type RequestFields = Partial<Omit<CheckRequest, 'kind' | 'step' | 'comment'>>;

export interface RequestDraft {
  readonly kind: 'request';
  readonly step: number;
  readonly comment: string | null;
  readonly fields: RequestFields;
}

interface CommentDraft {
  readonly kind: 'comment';
  readonly step: number;
  readonly comment: string;
}

export type RuleDraft = CheckConnect | CheckSend | CheckExpect | CheckSetVariable | RequestDraft | CommentDraft;

export interface RuleListDraft {
  /** From defaults: the first rule of the proxy's own replaces them. */
  readonly inherited: boolean;
  readonly rules: readonly RuleDraft[];
  /** The last line of the proxy's own, for the warning when the option is missing. */
  readonly statement: Statement | null;
}

export interface CheckDraft {
  /** `list`: of one of the options for a protocol. */
  readonly kind: 'connect' | 'tcp' | 'http' | 'list';
  readonly list: RuleCheck | null;
  /** The kind came from defaults. */
  readonly inherited: boolean;
  readonly tcp: RuleListDraft;
  readonly http: RuleListDraft;
  /** What `option httpchk` says. */
  readonly option: RequestFields;
  /** It has become part of a rule. */
  readonly optionFolded: boolean;
}

const NO_RULES: RuleListDraft = { inherited: false, rules: [], statement: null };

export function newCheck(): CheckDraft {
  return {
    kind: 'connect',
    list: null,
    inherited: false,
    tcp: NO_RULES,
    http: NO_RULES,
    option: {},
    optionFolded: false,
  };
}

export function inheritedCheck(from: CheckDraft): CheckDraft {
  const inherit = ({ rules }: RuleListDraft): RuleListDraft => ({ inherited: true, rules, statement: null });
  return { ...from, inherited: true, tcp: inherit(from.tcp), http: inherit(from.http) };
}

/** What is written in this section only. */
export function ownRules(list: RuleListDraft): RuleListDraft {
  return list.inherited ? NO_RULES : list;
}

export function nextStep({ rules }: RuleListDraft): number {
  return (rules.at(-1)?.step ?? 0) + 1;
}

export function withRule(list: RuleListDraft, rule: RuleDraft, statement: Statement): RuleListDraft {
  return { inherited: false, rules: [...list.rules, rule], statement };
}

/** Rules that do something to the server. */
export function isAction({ kind }: RuleDraft): boolean {
  return kind !== 'comment' && kind !== 'set-variable';
}

/** `option httpchk`, here and now. */
export function withHttpOption(check: CheckDraft, option: RequestFields): CheckDraft {
  const http = ownRules(check.http);
  const [first, second] = http.rules.filter(isAction);
  const request = first?.kind === 'connect' ? second : first;
  const base: CheckDraft = { ...check, kind: 'http', list: null, inherited: false, option, http, optionFolded: false };
  if (request?.kind !== 'request') return base;
  const folded: RequestDraft = { ...request, fields: { ...request.fields, ...option } };
  const rules = http.rules.map((rule) => (rule === request ? folded : rule));
  return { ...base, http: { ...http, rules }, optionFolded: true };
}

/** `http-check send`: the first request takes over what the option said before. */
export function withRequest(check: CheckDraft, rule: RequestDraft, statement: Statement): CheckDraft {
  const takesOver = check.kind === 'http' && !check.optionFolded;
  const fields = takesOver ? { ...check.option, ...rule.fields } : rule.fields;
  const http = withRule(check.http, { ...rule, fields }, statement);
  return { ...check, http, optionFolded: check.optionFolded || takesOver };
}

/** The finished list. */
export function buildCheck(check: CheckDraft): RuleCheck {
  switch (check.kind) {
    case 'connect':
      return PLAIN_CHECK;
    case 'list':
      return check.list ?? PLAIN_CHECK;
    case 'tcp':
      return { kind: 'rules', protocol: 'tcp', rules: finish(check.tcp.rules) };
    case 'http':
      return { kind: 'rules', protocol: 'http', rules: finish(httpRules(check)) };
  }
}

const USUAL_REQUEST: Omit<CheckRequest, 'kind' | 'step' | 'comment'> = {
  method: 'OPTIONS',
  uri: ['/'],
  version: 'HTTP/1.0',
  headers: [],
  body: null,
};

function expectSuccess(step: number): CheckExpect {
  return { ...PLAIN_EXPECT, step, pattern: { what: 'status', ranges: [{ from: 200, to: 399 }] } };
}

/** The option's request behind the first connection, and what every request expects at least. */
function httpRules({ http, option, optionFolded }: CheckDraft): RuleDraft[] {
  const rules = [...http.rules];
  if (!optionFolded) {
    const first = rules.findIndex(isAction);
    const at = rules[first]?.kind === 'connect' ? first + 1 : 0;
    rules.splice(at, 0, { kind: 'request', step: at + 1, comment: null, fields: option });
  }
  const last = rules.filter(isAction).at(-1);
  if (last?.kind === 'request') rules.push(expectSuccess(last.step + 1));
  return rules;
}

/** Begins with a connection; comments go to the rules behind them. */
function finish(drafts: readonly RuleDraft[]): CheckRule[] {
  const begins = drafts.find(isAction)?.kind === 'connect';
  const rules: CheckRule[] = [];
  let comment: string | null = null;
  let before: RuleDraft['kind'] = 'comment';
  for (const draft of begins ? drafts : [OWN_CONNECT, ...drafts]) {
    if (draft.kind !== before && before !== 'comment') comment = null;
    before = draft.kind;
    if (draft.kind === 'comment') {
      comment = draft.comment;
      continue;
    }
    const rule = finishRule(draft);
    rules.push(rule.comment === null && rule.kind !== 'set-variable' ? { ...rule, comment } : rule);
    if (draft.kind === 'connect' || draft.kind === 'set-variable') comment = null;
  }
  return rules;
}

function finishRule(draft: Exclude<RuleDraft, CommentDraft>): CheckRule {
  if (draft.kind !== 'request') return draft;
  const { kind, step, comment, fields } = draft;
  return { kind, step, comment, ...USUAL_REQUEST, ...fields };
}
