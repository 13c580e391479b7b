/**
 * What an expectation makes of what was received: more must come, it may go on, or it is over; and what is said when all went
 * well. Pure but for the clock in texts; HAProxy's codes and words.
 */
import type { CheckExpect, CheckProtocol } from '../config/check-model.ts';
import { numberOf, type SampleScene, textOf } from './check-samples.ts';
import { matchAnswer } from './expect-answer.ts';
import { matchBytes, wantedBytes } from './expect-bytes.ts';
import { ldapBind, mysqlGreeting, mysqlOk, type ProtocolVerdict } from './expect-protocols.ts';
import type { Reading } from './http-answer.ts';
import type { Patterns } from './patterns.ts';
import type { ResultCode } from './result.ts';
import { mismatchText } from './rule-words.ts';

export interface Evidence {
  readonly protocol: CheckProtocol;
  readonly received: string;
  /** Nothing more will come, or be kept. */
  readonly last: boolean;
  /** What was received as an answer, in HTTP. */
  readonly reading: Reading;
  readonly scene: SampleScene;
  readonly patterns: Patterns;
  /** `http-check disable-on-404`, now. */
  readonly accepts404: boolean;
}

export type RuleVerdict =
  | { readonly kind: 'wait' }
  | { readonly kind: 'go'; readonly code: number }
  | { readonly kind: 'end'; readonly result: ResultCode; readonly words: string; readonly code: number };

const WAIT: RuleVerdict = { kind: 'wait' };
const GO: RuleVerdict = { kind: 'go', code: 0 };

export function judge(rule: CheckExpect, evidence: Evidence): RuleVerdict {
  const { received, last } = evidence;
  if (evidence.protocol === 'http') return judgeAnswer(rule, evidence);
  switch (rule.pattern.what) {
    case 'mysql-greeting':
      return judgeProtocol(rule, evidence, mysqlGreeting(received, last));
    case 'mysql-ok':
      return judgeProtocol(rule, evidence, mysqlOk(received, last));
    case 'ldap-bind':
      return judgeProtocol(rule, evidence, ldapBind(received, last));
    default:
      return judgeBytes(rule, evidence);
  }
}

function judgeBytes(rule: CheckExpect, evidence: Evidence): RuleVerdict {
  const { pattern, negate } = rule;
  const { received, last, scene, patterns } = evidence;
  const found = wantedBytes(pattern, 'text' in pattern ? textOf(pattern.text, scene) : '');
  if ('why' in found) return refuse(rule, evidence, { result: 'L7RSP', words: found.why });
  const match = matchBytes(rule, received, last, found.wanted, patterns);
  if (match === 'wait') return WAIT;
  if ((match === 'matches') !== negate) return GO;
  return refuse(rule, evidence, { result: rule.errorStatus ?? 'L7RSP', matched: match === 'matches' });
}

function judgeProtocol(rule: CheckExpect, evidence: Evidence, verdict: ProtocolVerdict): RuleVerdict {
  if (verdict.kind === 'wait') return WAIT;
  return verdict.kind === 'fine' ? GO : refuse(rule, evidence, verdict);
}

function judgeAnswer(rule: CheckExpect, evidence: Evidence): RuleVerdict {
  const { reading, scene, patterns, accepts404 } = evidence;
  if (reading === 'more') return WAIT;
  if (reading === 'invalid') return refuse(rule, evidence, { result: 'L7RSP' });
  const { status: code } = reading;
  if (code === 404 && accepts404) return { kind: 'go', code };
  const { match, result, words } = matchAnswer(rule, reading, (text) => textOf(text, scene), patterns);
  if (match === 'wait') return WAIT;
  if (match !== 'impossible' && (match === 'matches') !== rule.negate) return { kind: 'go', code };
  const known = rule.onError === null ? words : '';
  return refuse(rule, evidence, { result: rule.errorStatus ?? result, words: known, code });
}

interface Refusal {
  readonly result: ResultCode;
  /** What is known; else the rule's own words, else general ones. */
  readonly words?: string;
  /** What was not wanted was there. */
  readonly matched?: boolean;
  readonly code?: number;
}

function refuse(rule: CheckExpect, { protocol, scene }: Evidence, refusal: Refusal): RuleVerdict {
  const { result, words = '', matched = false, code = 0 } = refusal;
  const general = protocol === 'tcp' ? mismatchText(matched, rule) : '';
  const said = words !== '' ? words : rule.onError === null ? general : textOf(rule.onError, scene);
  const comment = rule.comment === null ? '' : ` comment: ${rule.comment}`;
  return { kind: 'end', result, words: said + comment, code: ownCode(rule, scene) ?? code };
}

/** The last expectation was fulfilled. */
export function succeed(rule: CheckExpect, code: number, evidence: Evidence): RuleVerdict {
  const { protocol, scene, accepts404 } = evidence;
  if (code === 404 && accepts404) return { kind: 'end', result: 'L7OKC', words: '', code };
  const general = protocol === 'tcp' ? '(tcp-check)' : '';
  const words = rule.onSuccess === null ? general : textOf(rule.onSuccess, scene);
  return { kind: 'end', result: rule.okStatus ?? 'L7OK', words, code: ownCode(rule, scene) ?? code };
}

function ownCode({ statusCode }: CheckExpect, scene: SampleScene): number | null {
  return statusCode === null ? null : numberOf(statusCode, scene);
}
