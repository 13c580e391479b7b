/**
 * HAProxy's words for where a list of checks stands, and for what it did not find. Pure; tools and people read these
 * lines: they are copied to the letter, with their blanks and brackets.
 */
import type { CheckConnect, CheckExpect, CheckPattern, CheckRule } from '../config/check-model.ts';

/** Where the connection broke, or where the time was over; only `option tcp-check` says it. */
export function placeText(rule: CheckRule): string {
  if (rule.kind === 'connect' && rule.step === 0) return ' at initial connection step of tcp-check';
  const comment = rule.comment === null ? '' : ` comment: '${rule.comment}'`;
  return ` at step ${rule.step} of tcp-check${actionText(rule)}${comment}`;
}

function actionText(rule: CheckRule): string {
  switch (rule.kind) {
    case 'connect':
      return connectText(rule);
    case 'send':
    case 'request':
      return ' (send)';
    case 'expect':
      return ` (expect ${awaited(rule.pattern)})`;
    case 'set-variable':
      return '';
  }
}

function connectText({ port }: CheckConnect): string {
  return typeof port === 'number' ? ` (connect port ${port})` : ' (connect)';
}

function awaited(pattern: CheckPattern): string {
  switch (pattern.what) {
    case 'string':
    case 'binary':
      return `${pattern.what} '${pattern.bytes}'`;
    case 'rstring':
      return 'regex';
    case 'rbinary':
      return 'binary regex';
    case 'string-lf':
      return 'log-format string';
    case 'binary-lf':
      return 'log-format binary';
    case 'status':
      return 'HTTP status codes';
    case 'rstatus':
      return 'HTTP status regex';
    case 'header':
      return 'HTTP header pattern';
    default:
      return 'custom function';
  }
}

/** `matched`: what was not wanted was there. */
export function mismatchText(matched: boolean, { pattern, step }: CheckExpect): string {
  const begin = matched ? 'TCPCHK matched unwanted content' : 'TCPCHK did not match content';
  return `${begin}${kindText(pattern)} at step ${step}`;
}

function kindText(pattern: CheckPattern): string {
  switch (pattern.what) {
    case 'string':
      return ` '${pattern.bytes}'`;
    case 'binary':
      return ' (binary)';
    case 'rstring':
      return ' (regex)';
    case 'rbinary':
      return ' (binary regex)';
    case 'string-lf':
      return ' (log-format string)';
    case 'binary-lf':
      return ' (log-format binary)';
    default:
      return ' (custom function)';
  }
}

export function emptyText({ step, comment }: CheckRule): string {
  return `TCPCHK got an empty response at step ${step}${comment === null ? '' : ` comment: '${comment}'`}`;
}

export function tooLargeText(bytes: number, room: number, step: number): string {
  return `tcp-check send : string too large (${bytes}) for buffer size (${room}) at step ${step}`;
}

export function badTextText(step: number): string {
  return `tcp-check send : failed to build log-format string at step ${step}`;
}
