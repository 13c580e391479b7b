/**
 * strftime in the C locale (C17 7.27.3.5, and glibc's letters), which `ltime` and `utime` take their format from. A letter that
 * means nothing stays as it is.
 */
export interface CalendarDate {
  readonly year: number;
  readonly month: number; // 0..11
  readonly day: number; // 1..31
  readonly weekday: number; // 0..6, Sunday first
  readonly yearDay: number; // 0..365
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Since 1970. */
  readonly time: bigint;
  /** Minutes east of UTC. */
  readonly offset: number;
  readonly zone: string;
}

const DAY_MS = 86_400_000;
/** The calendar repeats itself, days of the week too, after so many years and seconds. */
const CYCLE_YEARS = 400;
const CYCLE_S = 12_622_780_800n;
/** Up to here a Date of JavaScript's goes. */
const FARTHEST_S = 8_000_000_000_000;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export function universalDate(time: bigint): CalendarDate {
  return calendarDate(time, 0, 'GMT');
}

export function localDate(time: bigint): CalendarDate {
  const seconds = Number(time);
  const offset = seconds > FARTHEST_S ? 0 : -new Date(seconds * 1000).getTimezoneOffset();
  return calendarDate(time, offset, zoneName(seconds, offset));
}

/** `UTC`, `CET`; where Node knows no letters for it, as glibc has it: `+0330`. */
function zoneName(time: number, offset: number): string {
  const date = new Date(time * 1000);
  const name = Number.isNaN(date.getTime()) ? '' : /\(([A-Z]{3,5})\)/.exec(date.toString())?.[1];
  if (name !== undefined && name !== '') return name;
  if (offset === 0) return 'UTC';
  return date.toLocaleTimeString('en-GB', { timeZoneName: 'short' }).split(' ').at(-1) ?? 'UTC';
}

/** Fields of a Date that was moved so that its UTC is the local time. */
function calendarDate(time: bigint, offset: number, zone: string): CalendarDate {
  const cycles = time > FARTHEST_S ? time / CYCLE_S : 0n;
  const date = new Date((Number(time - cycles * CYCLE_S) + offset * 60) * 1000);
  const year = date.getUTCFullYear();
  return {
    year: year + Number(cycles) * CYCLE_YEARS,
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((date.getTime() - Date.UTC(year, 0, 1)) / DAY_MS),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    time,
    offset,
    zone,
  };
}

export function formatDate(format: string, date: CalendarDate): string {
  return format.replace(/%(?:([EO])?([A-Za-z%+])|$)/g, (all, _modifier, letter: string | undefined) => {
    return letter === undefined ? all : (FIELDS[letter]?.(date) ?? all);
  });
}

const pad = (value: number, width: number, fill = '0'): string => String(value).padStart(width, fill);
const hour12 = ({ hour }: CalendarDate): number => (hour % 12 === 0 ? 12 : hour % 12);

function zoneOffset({ offset }: CalendarDate): string {
  const minutes = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}${pad(minutes % 60, 2)}`;
}

/** The week of ISO 8601 and the year that it belongs to. */
function isoWeek(date: CalendarDate): { year: number; week: number } {
  const monday = (date.weekday + 6) % 7;
  const week = Math.floor((date.yearDay - monday + 10) / 7);
  if (week < 1) return { year: date.year - 1, week: weeksOf(date.year - 1) };
  if (week > weeksOf(date.year)) return { year: date.year + 1, week: 1 };
  return { year: date.year, week };
}

function weeksOf(year: number): number {
  const first = new Date(Date.UTC(year, 0, 1)).getUTCDay();
  const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
  return first === 4 || (isLeap && first === 3) ? 53 : 52;
}

const FIELDS: Readonly<Record<string, (date: CalendarDate) => string>> = {
  a: (date) => (DAYS[date.weekday] ?? '').slice(0, 3),
  A: (date) => DAYS[date.weekday] ?? '',
  b: (date) => (MONTHS[date.month] ?? '').slice(0, 3),
  h: (date) => (MONTHS[date.month] ?? '').slice(0, 3),
  B: (date) => MONTHS[date.month] ?? '',
  c: (date) => formatDate('%a %b %e %H:%M:%S %Y', date),
  C: (date) => pad(Math.floor(date.year / 100), 2),
  d: (date) => pad(date.day, 2),
  D: (date) => formatDate('%m/%d/%y', date),
  e: (date) => pad(date.day, 2, ' '),
  F: (date) => formatDate('%Y-%m-%d', date),
  g: (date) => pad(isoWeek(date).year % 100, 2),
  G: (date) => String(isoWeek(date).year),
  H: (date) => pad(date.hour, 2),
  I: (date) => pad(hour12(date), 2),
  j: (date) => pad(date.yearDay + 1, 3),
  k: (date) => pad(date.hour, 2, ' '),
  l: (date) => pad(hour12(date), 2, ' '),
  m: (date) => pad(date.month + 1, 2),
  M: (date) => pad(date.minute, 2),
  n: () => '\n',
  p: (date) => (date.hour < 12 ? 'AM' : 'PM'),
  P: (date) => (date.hour < 12 ? 'am' : 'pm'),
  r: (date) => formatDate('%I:%M:%S %p', date),
  R: (date) => formatDate('%H:%M', date),
  s: (date) => String(date.time),
  S: (date) => pad(date.second, 2),
  t: () => '\t',
  T: (date) => formatDate('%H:%M:%S', date),
  u: (date) => String(date.weekday === 0 ? 7 : date.weekday),
  U: (date) => pad(Math.floor((date.yearDay + 7 - date.weekday) / 7), 2),
  V: (date) => pad(isoWeek(date).week, 2),
  w: (date) => String(date.weekday),
  W: (date) => pad(Math.floor((date.yearDay + 7 - ((date.weekday + 6) % 7)) / 7), 2),
  x: (date) => formatDate('%m/%d/%y', date),
  X: (date) => formatDate('%H:%M:%S', date),
  y: (date) => pad(date.year % 100, 2),
  Y: (date) => String(date.year),
  z: zoneOffset,
  Z: (date) => date.zone,
  '%': () => '%',
};
