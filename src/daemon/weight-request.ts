/** A weight or a maxconn that an operator or an agent asks for, in HAProxy's own terms of what is wrong. */
const MOST_WEIGHT = 256;
const MOST_PERCENT = 25_600;

/** `5`, or `50%` of what it began with; a text says what is wrong. `adapts`: the algorithm takes weights that change. */
export function requestedWeight(text: string, initial: number, adapts: boolean): number | string {
  if (text === '') return 'Require <weight> or <weight%>.\n';
  const [, digits, rest = ''] = /^\s*([-+]?\d+)(.*)$/s.exec(text) ?? [];
  if (digits === undefined) return 'Empty weight string empty or preceded by garbage';
  const written = Number(digits);
  let weight = written;
  if (rest === '%') {
    if (written < 0) return 'Relative weight must be positive.\n';
    weight = Math.min(MOST_WEIGHT, Math.floor((initial * Math.min(written, MOST_PERCENT)) / 100));
  } else if (written < 0 || written > MOST_WEIGHT) {
    return 'Absolute weight can only be between 0 and 256 inclusive.\n';
  } else if (rest !== '') return 'Trailing garbage in weight string';
  if (!adapts && weight !== 0 && weight !== initial) {
    return "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.\n";
  }
  return weight;
}

export function requestedMaxconn(text: string): number | string {
  if (text === '') return 'Require <maxconn>.\n';
  const [, digits, rest = ''] = /^\s*([-+]?\d+)(.*)$/s.exec(text) ?? [];
  if (digits === undefined) return 'maxconn string empty or preceded by garbage';
  return rest === '' ? Math.max(0, Number(digits)) : 'Trailing garbage in maxconn string';
}
