/** How a check ended, in HAProxy's terms. */

/** HAProxy's codes and what it calls them in logs. */
export const RESULT_TEXTS = {
  SOCKERR: 'Socket error',
  L4OK: 'Layer4 check passed',
  L4TOUT: 'Layer4 timeout',
  L4CON: 'Layer4 connection problem',
  L6OK: 'Layer6 check passed',
  L6TOUT: 'Layer6 timeout',
  L6RSP: 'Layer6 invalid response',
  L7OK: 'Layer7 check passed',
  L7OKC: 'Layer7 check conditionally passed',
  L7TOUT: 'Layer7 timeout',
  L7RSP: 'Layer7 invalid response',
  L7STS: 'Layer7 wrong status',
  PROCERR: 'External check error',
  PROCTOUT: 'External check timeout',
  PROCOK: 'External check passed',
  HANA: 'Health analyze',
  CHECKED: 'No status change',
} as const;

export type ResultCode = keyof typeof RESULT_TEXTS;

/** What a probe found, before anybody looked at the clock. */
export interface Finding {
  readonly result: ResultCode;
  /** The status of an HTTP answer, 0: there was none. */
  readonly status: number;
  /** Further words, or ''. */
  readonly info: string;
}

export interface CheckResult extends Finding {
  /** -1: nobody asked, traffic told. */
  readonly durationMs: number;
}

/** The application has spoken, with a status of its own. */
export function hasCode(result: ResultCode): boolean {
  return /^(L7OKC?|L7STS|PROC.*)$/.test(result);
}

export type Verdict = 'passed' | 'conditional' | 'neutral' | 'failed';

/** `conditional`: fine, but it wants no new clients (`http-check disable-on-404`); `neutral`: an agent without an opinion. */
export function verdictOf({ result }: Finding): Verdict {
  switch (result) {
    case 'L4OK':
    case 'L6OK':
    case 'L7OK':
    case 'PROCOK':
      return 'passed';
    case 'L7OKC':
      return 'conditional';
    case 'CHECKED':
      return 'neutral';
    default:
      return 'failed';
  }
}

export function passed(finding: Finding): boolean {
  const verdict = verdictOf(finding);
  return verdict === 'passed' || verdict === 'conditional';
}
