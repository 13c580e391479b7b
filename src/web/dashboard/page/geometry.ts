/** Where lines go: values over time → coordinates. Pure: no document here. */
import type { Series } from './history.ts';

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** The moments at both sides. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The value at the top; the bottom is 0. */
  readonly top: number;
}

/** A pause longer than this is a gap: nothing is known of it. */
const GAP_MS = 12_000;

/** `d` of an SVG path. */
export function linePath(series: Series, frame: Frame): string {
  let path = '';
  let lastMs = Number.NEGATIVE_INFINITY;
  for (let i = firstSince(series, frame.fromMs); i < series.length; i++) {
    const timeMs = series.timeAt(i);
    const begins = timeMs - lastMs > GAP_MS;
    path += `${begins ? 'M' : 'L'}${place(x(timeMs, frame))} ${place(y(series.valueAt(i), frame))}`;
    lastMs = timeMs;
  }
  return path;
}

/** The same, closed down to the bottom. */
export function areaPath(series: Series, frame: Frame): string {
  let path = '';
  let lastMs = Number.NEGATIVE_INFINITY;
  const bottom = place(frame.height);
  for (let i = firstSince(series, frame.fromMs); i < series.length; i++) {
    const timeMs = series.timeAt(i);
    const at = place(x(timeMs, frame));
    if (timeMs - lastMs > GAP_MS) path += `${path === '' ? '' : `V${bottom}Z`}M${at} ${bottom}`;
    path += `L${at} ${place(y(series.valueAt(i), frame))}`;
    lastMs = timeMs;
  }
  return path === '' ? '' : `${path}V${bottom}Z`;
}

/** The one before the left side, too: the line enters from there. */
function firstSince(series: Series, fromMs: number): number {
  for (let i = 0; i < series.length; i++) {
    if (series.timeAt(i) >= fromMs) return Math.max(0, i - 1);
  }
  return Math.max(0, series.length - 1);
}

export function x(timeMs: number, { width, fromMs, toMs }: Frame): number {
  return ((timeMs - fromMs) / (toMs - fromMs)) * width;
}

export function y(value: number, { height, top }: Frame): number {
  return height - (Math.min(value, top) / top) * height;
}

/** A value for the top that is easily read: 1, 2, 2.5 or 5 and zeros, not less than `max`. */
export function niceTop(max: number, least: number): number {
  const wanted = Math.max(max, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  for (const step of [1, 2, 2.5, 5, 10]) if (step * power >= wanted * 0.999) return step * power;
  return 10 * power;
}

/** The same for bytes: 1, 2, 5 … 512 of a binary unit. */
export function niceBytes(max: number): number {
  const wanted = Math.max(max, 1024);
  const unit = 1024 ** Math.floor(Math.log(wanted) / Math.log(1024));
  for (const step of [1, 2, 5, 10, 20, 50, 100, 200, 500]) if (step * unit >= wanted) return step * unit;
  return 1024 * unit;
}

function place(value: number): string {
  return String(Math.round(value * 10) / 10);
}
