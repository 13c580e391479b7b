/**
 * Dates as ASCII bytes. Taking a date apart costs a microsecond, so the text of a second is kept and only the
 * milliseconds are written each time; a few seconds are kept at once, because requests end in another order than they
 * began.
 *
 * Local time follows the TZ that Node knows when the first date is formatted: a program that goes into a chroot formats
 * one before. Not here: what time it is (src/core/clock.ts).
 */
import { writeBytes, writePadded } from './digits.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const KEPT = 4;
const DOT = 0x2e;

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

function clock(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `20/Nov/2026:10:51:32`, local. */
function traffic(date: Date): string {
  return `${two(date.getDate())}/${MONTHS[date.getMonth()]}/${date.getFullYear()}:${clock(date)}`;
}

/** `20/Nov/2026:10:51:32 +0000`. */
function universal(date: Date): string {
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  return `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

/** `20/Nov/2026:10:51:32 +0100`, local with its offset. */
function withOffset(date: Date): string {
  return `${traffic(date)} ${offsetOf(date, '')}`;
}

/** `+0100`, what local time is ahead of the universal one. */
function offsetOf(date: Date, divider: string): string {
  const east = -date.getTimezoneOffset();
  const minutes = Math.abs(east);
  return `${east < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${divider}${two(minutes % 60)}`;
}

/** `Nov  5 10:51:32`, local (RFC 3164 section 4.1.2). */
export function syslogDate(wallMs: number): string {
  const date = new Date(wallMs);
  const day = date.getDate();
  return `${MONTHS[date.getMonth()]} ${day < 10 ? ' ' : ''}${day} ${clock(date)}`;
}

/** `2026-11-20T10:51:32.000000+00:00`, local with its offset (RFC 3339); the fraction is for the caller to fill. */
export function isoDate(wallMs: number): string {
  const date = new Date(wallMs);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${clock(date)}.000000${offsetOf(date, ':')}`;
}

/** Where the fraction's first digit is in the text of `isoDate`. */
export const ISO_FRACTION_AT = 20;

/** The last few seconds as text. */
class DateText {
  readonly #seconds = new Float64Array(KEPT).fill(-1);
  readonly #texts: Uint8Array[] = [];
  readonly #format: (date: Date) => string;

  constructor(format: (date: Date) => string) {
    this.#format = format;
  }

  write(into: Uint8Array, at: number, second: number): number {
    const place = second % KEPT;
    let text = this.#texts[place];
    if (text === undefined || this.#seconds[place] !== second) {
      text = Buffer.from(this.#format(new Date(second * 1000)), 'latin1');
      this.#texts[place] = text;
      this.#seconds[place] = second;
    }
    return writeBytes(into, at, text);
  }
}

const trafficText = new DateText(traffic);
const universalText = new DateText(universal);
const localText = new DateText(withOffset);

/** `20/Nov/2026:10:51:32.392` */
export function writeTrafficDate(into: Uint8Array, at: number, wallMs: number): number {
  const second = Math.floor(wallMs / 1000);
  const end = trafficText.write(into, at, second);
  into[end] = DOT;
  return writePadded(into, end + 1, wallMs - second * 1000, 3);
}

/** `20/Nov/2026:10:51:32 +0000` */
export function writeUniversalDate(into: Uint8Array, at: number, wallMs: number): number {
  return universalText.write(into, at, Math.floor(wallMs / 1000));
}

/** `20/Nov/2026:10:51:32 +0100` */
export function writeLocalDate(into: Uint8Array, at: number, wallMs: number): number {
  return localText.write(into, at, Math.floor(wallMs / 1000));
}
