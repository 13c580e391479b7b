/** A small line beside a figure: how it went in the last minutes. Drawn only while it can be seen. */
import { LiveAttribute, svg } from './element.ts';
import { areaPath, linePath } from './geometry.ts';
import { Series, WINDOW_MS } from './history.ts';

const WIDTH = 88;
const HEIGHT = 20;
/** Room for the line's own width. */
const MARGIN = 1.5;

const inSight = new WeakMap<Element, Spark>();
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) inSight.get(target)?.setSeen(isIntersecting);
});

export class Spark {
  readonly node: SVGSVGElement;
  readonly series = new Series();
  readonly #line: LiveAttribute;
  readonly #area: LiveAttribute;
  readonly #least: number;
  #isSeen = false;

  /** `least`: of the scale, so that next to nothing looks like it. */
  constructor(tone = 'main', least = 1) {
    this.#least = least;
    const line = svg('path', { class: 'line' });
    const area = svg('path', { class: 'area' });
    this.node = svg(
      'svg',
      {
        class: `spark ${tone}`,
        width: WIDTH,
        height: HEIGHT,
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        'aria-hidden': 'true',
      },
      area,
      line,
    );
    this.#line = new LiveAttribute(line, 'd');
    this.#area = new LiveAttribute(area, 'd');
    inSight.set(this.node, this);
    watcher.observe(this.node);
  }

  push(timeMs: number, value: number): void {
    this.series.push(timeMs, value);
    if (this.#isSeen) this.#draw();
  }

  /** It is not wanted any more. */
  drop(): void {
    watcher.unobserve(this.node);
  }

  setSeen(isSeen: boolean): void {
    this.#isSeen = isSeen;
    if (isSeen) this.#draw();
  }

  #draw(): void {
    const { series } = this;
    if (series.length === 0) return;
    const toMs = series.timeAt(series.length - 1);
    const fromMs = toMs - WINDOW_MS;
    const top = Math.max(this.#least, series.maxSince(fromMs));
    const frame = { width: WIDTH, height: HEIGHT - MARGIN, fromMs, toMs, top: top * (HEIGHT / (HEIGHT - MARGIN)) };
    this.#line.set(linePath(series, frame));
    this.#area.set(areaPath(series, frame));
  }
}
