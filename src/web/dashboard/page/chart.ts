/**
 * Figures over the last minutes as lines, with a scale, and the values of a moment under the pointer or chosen by arrow keys.
 * The figures of now stand beside it as text: who cannot see the lines loses nothing but the past.
 */
import { element, LiveAttribute, LiveText, svg } from './element.ts';
import { duration } from './format.ts';
import { areaPath, type Frame, linePath, niceTop, x } from './geometry.ts';
import { Series, WINDOW_MS } from './history.ts';

const HEIGHT = 112;
/** Below the lines: moments. */
const FOOT = 20;

export interface ChartLine {
  readonly name: string;
  /** A class of style.css: `one`, `two`, `three`. */
  readonly look: string;
}

export interface ChartSetup {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly text: (value: number) => string;
  readonly top?: (max: number) => number;
  /** The scale is never smaller. */
  readonly least: number;
}

interface DrawnLine {
  readonly name: string;
  readonly series: Series;
  readonly line: LiveAttribute;
  readonly area: LiveAttribute;
  readonly value: LiveText;
}

export class Chart {
  readonly node: HTMLElement;
  readonly #setup: ChartSetup;
  readonly #lines: readonly DrawnLine[];
  readonly #canvas: SVGSVGElement;
  readonly #viewBox: LiveAttribute;
  readonly #label: LiveAttribute;
  readonly #topText = new LiveText();
  readonly #moment = new LiveText('now');
  readonly #cursor: LiveAttribute;
  readonly #grid: readonly LiveAttribute[];
  #width = 300;
  #toMs = 0;
  /** How long ago the chosen moment is; null: now. */
  #agoMs: number | null = null;

  constructor(setup: ChartSetup) {
    this.#setup = setup;
    const grid = [0, 1].map(() => svg('path', { class: 'grid' }));
    const cursor = svg('path', { class: 'cursor' });
    const drawn = setup.lines.map(({ name, look }) => {
      const line = svg('path', { class: `line ${look}` });
      const area = svg('path', { class: `area ${look}` });
      return { name, look, series: new Series(), value: new LiveText(), line, area };
    });
    this.#canvas = svg(
      'svg',
      { role: 'img', height: HEIGHT + FOOT, tabindex: 0, class: 'canvas', preserveAspectRatio: 'none' },
      ...grid,
      ...drawn.map(({ area }) => area),
      ...drawn.map(({ line }) => line),
      cursor,
    );
    this.#lines = drawn.map(({ name, series, value, line, area }) => {
      return { name, series, value, line: new LiveAttribute(line, 'd'), area: new LiveAttribute(area, 'd') };
    });
    this.#grid = grid.map((path) => new LiveAttribute(path, 'd'));
    this.#cursor = new LiveAttribute(cursor, 'd');
    this.#viewBox = new LiveAttribute(this.#canvas, 'viewBox');
    this.#label = new LiveAttribute(this.#canvas, 'aria-label');
    const legend = element('dl', { class: 'legend' });
    for (const { name, look, value } of drawn) {
      const key = element('span', { class: `key ${look}`, 'aria-hidden': 'true' });
      legend.append(element('div', {}, element('dt', {}, key, name), element('dd', {}, value.node)));
    }
    this.node = element(
      'figure',
      { class: 'chart' },
      element('figcaption', {}, element('h2', {}, setup.title), legend),
      element(
        'div',
        { class: 'plot' },
        this.#canvas,
        element('span', { class: 'scale', 'aria-hidden': 'true' }, this.#topText.node),
        element('span', { class: 'from', 'aria-hidden': 'true' }, `${duration(WINDOW_MS)} ago`),
        element('span', { class: 'to', 'aria-hidden': 'true' }, this.#moment.node),
      ),
    );
    this.#label.set(setup.title);
    this.#obey();
    new ResizeObserver(([entry]) => {
      if (entry === undefined || entry.contentRect.width === 0) return;
      this.#width = Math.round(entry.contentRect.width);
      this.#draw();
    }).observe(this.#canvas);
  }

  /** One value a line, in their order; null: there is nothing to say of this moment. */
  push(timeMs: number, values: readonly number[] | null): void {
    this.#toMs = timeMs;
    if (values !== null) for (const [at, line] of this.#lines.entries()) line.series.push(timeMs, values[at] ?? 0);
    this.#draw();
  }

  #obey(): void {
    const choose = (agoMs: number | null): void => {
      this.#agoMs = agoMs === null ? null : Math.min(WINDOW_MS, Math.max(0, agoMs));
      this.#draw();
    };
    this.#canvas.addEventListener('pointermove', ({ offsetX }) => choose((1 - offsetX / this.#width) * WINDOW_MS));
    this.#canvas.addEventListener('pointerleave', () => choose(null));
    this.#canvas.addEventListener('blur', () => choose(null));
    this.#canvas.addEventListener('keydown', (event) => {
      const step = event.key === 'ArrowLeft' ? 5000 : event.key === 'ArrowRight' ? -5000 : null;
      if (event.key === 'Escape') choose(null);
      if (step === null) return;
      event.preventDefault();
      choose((this.#agoMs ?? 0) + step);
    });
  }

  #draw(): void {
    if (this.#toMs === 0) return;
    const { title, text, least, top: topOf } = this.#setup;
    const fromMs = this.#toMs - WINDOW_MS;
    const max = Math.max(...this.#lines.map(({ series }) => series.maxSince(fromMs)));
    const top = topOf === undefined ? niceTop(max, least) : topOf(max);
    const frame: Frame = { width: this.#width, height: HEIGHT, fromMs, toMs: this.#toMs, top };
    this.#viewBox.set(`0 -2 ${this.#width} ${HEIGHT + FOOT}`);
    for (const [at, path] of this.#grid.entries()) path.set(`M0 ${(at * HEIGHT) / 2 + 0.5}H${this.#width}`);
    this.#topText.set(text(top));
    const momentMs = this.#agoMs === null ? null : this.#toMs - this.#agoMs;
    const told: string[] = [];
    for (const { name, series, line, area, value } of this.#lines) {
      line.set(linePath(series, frame));
      area.set(areaPath(series, frame));
      const at = momentMs === null ? series.length - 1 : series.closest(momentMs);
      value.set(text(at < 0 ? 0 : series.valueAt(at)));
      told.push(`${name} ${text(series.last)}, at most ${text(series.maxSince(fromMs))}`);
    }
    this.#label.set(`${title}, the last ${duration(WINDOW_MS)}: ${told.join('; ')}`);
    this.#moment.set(this.#agoMs === null ? 'now' : `${duration(this.#agoMs)} ago`);
    this.#cursor.set(momentMs === null ? 'M0 0' : `M${x(momentMs, frame).toFixed(1)} 0V${HEIGHT}`);
  }
}
