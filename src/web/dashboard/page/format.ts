/** Numbers for people: at most three digits that say something, units, and lengths of time. */

const DECIMAL = ['', 'k', 'M', 'G', 'T'] as const;
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
/** Instead of a figure that nobody knows. */
export const NONE = '–';

/** 0 · 7.5 · 42 · 1.23k · 45.6M */
export function count(value: number): string {
  const [scaled, step] = scale(value, 1000, DECIMAL.length);
  return `${digits(scaled, step > 0)}${DECIMAL[step]}`;
}

/** 0 B · 1.5 KiB · 2.25 MiB */
export function bytes(value: number): string {
  const [scaled, step] = scale(value, 1024, BINARY.length);
  return `${digits(scaled, step > 0)} ${BINARY[step]}`;
}

export function perSecond(value: number): string {
  return `${count(value)}/s`;
}

export function bytesPerSecond(value: number): string {
  return `${bytes(value)}/s`;
}

/** 0 ms · 12 ms · 1.25 s */
export function milliseconds(value: number): string {
  if (value < 1000) return `${value < 10 && value % 1 !== 0 ? value.toFixed(1) : Math.round(value)} ms`;
  return `${digits(value / 1000, true)} s`;
}

/** How long something lasts: 4 s · 3 min · 2 h 5 min · 6 d 3 h */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** Where a limit is infinite it is 0 in HAProxy's terms. */
export function ofLimit(value: number, limit: number): string {
  return limit > 0 ? `${count(value)} / ${count(limit)}` : count(value);
}

export function plural(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function scale(value: number, base: number, steps: number): [scaled: number, step: number] {
  let scaled = value;
  let step = 0;
  // 999.5 would be said as 1000.
  while (Math.abs(scaled) >= base - 0.5 && step < steps - 1) {
    scaled /= base;
    step++;
  }
  return [scaled, step];
}

function digits(value: number, fraction: boolean): string {
  const size = Math.abs(value);
  if (size >= 99.95) return String(Math.round(value));
  if (size >= 9.995) return trimmed(value.toFixed(fraction || value % 1 !== 0 ? 1 : 0));
  return trimmed(value.toFixed(fraction ? 2 : value % 1 === 0 ? 0 : 1));
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
