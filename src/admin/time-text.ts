/** Moments and spans as HAProxy's answers write them. */
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** `21/Nov/2026:18:10:46.506`, in local time; `digits` of the second's fraction. */
export function dateText(wallMs: number, digits = 3): string {
  const at = new Date(wallMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(at.getDate())}/${MONTHS[at.getMonth()] ?? ''}/${at.getFullYear()}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${day}:${time}.${String(at.getMilliseconds()).padStart(3, '0').padEnd(digits, '0')}`;
}

/** The two greatest units: `1d3h`, `2m5s`, `0s`. */
export function spanText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / DAY_S), 'd'],
    [Math.floor((seconds % DAY_S) / HOUR_S), 'h'],
    [Math.floor((seconds % HOUR_S) / MINUTE_S), 'm'],
    [seconds % MINUTE_S, 's'],
  ];
  const there = parts.filter(([value]) => value > 0).slice(0, 2);
  return there.length === 0 ? '0s' : there.map(([value, unit]) => `${value}${unit}`).join('');
}
