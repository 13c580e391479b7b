/** Numbers and times as people read them. */
import { spanText } from './time-text.ts';

const UNITS = ['', 'k', 'M', 'G', 'T', 'P'];

/** `1.2k`: three digits and a unit. */
export function shortNumber(value: number, base: 1000 | 1024 = 1000): string {
  let unit = 0;
  let rest = Math.max(0, value);
  while (rest >= base && unit < UNITS.length - 1) {
    rest /= base;
    unit++;
  }
  const digits = unit === 0 || rest >= 99.95 ? 0 : 1;
  return `${rest.toFixed(digits)}${UNITS[unit]}`;
}

export function shortBytes(value: number): string {
  return `${shortNumber(value, 1024)}B`;
}

/** `0.4s`, and from ten seconds on the two greatest units. */
export function shortDuration(ms: number): string {
  return ms < 9950 ? `${(Math.max(0, ms) / 1000).toFixed(1)}s` : spanText(ms);
}

/** `00:12:03`, in the time zone of who reads; with the date where that is another day than `nowMs`. */
export function clockText(wallMs: number, nowMs: number): string {
  const at = new Date(wallMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return at.toDateString() === new Date(nowMs).toDateString() ? time : `${day} ${time}`;
}
