/** What happened: on a time line, with the pair above and servers below, and as a list, the last first. */
import type { ChronicleEvent } from '../../../daemon/chronicle.ts';
import type { ShownStatus } from '../shown.ts';
import { byId, element, LiveAttribute, LiveText, svg } from './element.ts';
import { duration, plural } from './format.ts';
import { placeOf, spanFor } from './span.ts';
import { eventTone, TONE_SIGNS } from './words.ts';

const LANES = [
  { name: 'pair', kinds: ['vrrp'] },
  { name: 'servers', kinds: ['server', 'backend', 'real-server', 'virtual-server'] },
  { name: 'program', kinds: ['reload', 'data-process'] },
] as const;

const LANE_HEIGHT = 22;
const LEFT = 62;
const RIGHT = 10;
/** In the list, until more are asked for. */
const FIRST = 6;

export class Events {
  readonly #canvas = svg('svg', { class: 'timeline', role: 'img', height: LANES.length * LANE_HEIGHT + 4 });
  readonly #marks = svg('g');
  readonly #label = new LiveAttribute(this.#canvas, 'aria-label');
  readonly #span = new LiveText();
  readonly #list = element('ol', { class: 'log' });
  readonly #more = element('button', { type: 'button', class: 'plain' });
  readonly #none = element('p', { class: 'quiet' }, 'Nothing yet.');
  readonly #laneLines: readonly LiveAttribute[];
  #events: readonly ChronicleEvent[] = [];
  #wallMs = 0;
  #width = 600;
  #isWhole = false;
  /** How it was drawn last: the line moves on, but not by less than what can be seen. */
  #drawn = '';

  constructor() {
    const section = byId('events');
    byId('span').append(this.#span.node);
    const lines = LANES.map(({ name }, at) => {
      const y = at * LANE_HEIGHT + LANE_HEIGHT / 2;
      const line = svg('path', { class: 'grid' });
      this.#canvas.append(line, svg('text', { x: 0, y: y + 4, class: 'lane' }, name));
      return new LiveAttribute(line, 'd');
    });
    this.#laneLines = lines;
    this.#canvas.append(this.#marks);
    this.#more.addEventListener('click', () => {
      this.#isWhole = !this.#isWhole;
      this.#fill();
    });
    section.append(this.#canvas, this.#none, this.#list, this.#more);
    new ResizeObserver(([entry]) => {
      if (entry === undefined || entry.contentRect.width === 0) return;
      this.#width = Math.round(entry.contentRect.width);
      this.#draw();
    }).observe(this.#canvas);
  }

  show({ events, wallMs }: ShownStatus): void {
    this.#wallMs = wallMs;
    if (events !== this.#events) {
      this.#events = events;
      this.#fill();
    }
    this.#draw();
  }

  #fill(): void {
    const shown = this.#isWhole ? this.#events : this.#events.slice(0, FIRST);
    this.#list.replaceChildren(...shown.map(item));
    this.#none.hidden = shown.length > 0;
    this.#more.hidden = this.#events.length <= FIRST;
    this.#more.textContent = this.#isWhole ? 'Show fewer' : `Show all ${this.#events.length}`;
  }

  #draw(): void {
    const spanMs = spanFor(
      this.#events.map(({ wallMs }) => wallMs),
      this.#wallMs,
    );
    const wide = Math.max(1, this.#width - LEFT - RIGHT);
    const step = Math.floor(this.#wallMs / (spanMs / wide));
    const key = `${step} ${spanMs} ${this.#width} ${this.#events[0]?.wallMs} ${this.#events.length}`;
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.#span.set(`the last ${duration(spanMs)}`);
    for (const [at, line] of this.#laneLines.entries()) {
      line.set(`M${LEFT} ${at * LANE_HEIGHT + LANE_HEIGHT / 2}H${this.#width - RIGHT}`);
    }
    const marks = [];
    let inSight = 0;
    for (const event of this.#events.toReversed()) {
      const place = placeOf(event.wallMs, this.#wallMs, spanMs);
      if (place === null) continue;
      inSight++;
      const lane = LANES.findIndex(({ kinds }) => (kinds as readonly string[]).includes(event.kind));
      const tone = eventTone(event);
      const x = (LEFT + place * wide).toFixed(1);
      const y = lane * LANE_HEIGHT + LANE_HEIGHT / 2 + 5;
      const mark = svg('text', { x, y, class: `mark ${tone}` }, TONE_SIGNS[tone]);
      mark.append(svg('title', {}, text(event)));
      marks.push(mark);
    }
    this.#marks.replaceChildren(...marks);
    this.#label.set(
      `Time line of the last ${duration(spanMs)}: ${plural(inSight, 'event')}, which the list below tells`,
    );
  }
}

function text({ wallMs, subject, to, why }: ChronicleEvent): string {
  return `${new Date(wallMs).toLocaleTimeString()} ${subject}: ${to}${why === '' ? '' : `, ${why}`}`;
}

function item(event: ChronicleEvent): HTMLElement {
  const { wallMs, kind, subject, to, why } = event;
  const tone = eventTone(event);
  const moment = new Date(wallMs);
  return element(
    'li',
    { 'data-tone': tone },
    element('time', { datetime: moment.toISOString(), title: moment.toLocaleString() }, moment.toLocaleTimeString()),
    element('span', { class: 'sign', 'aria-hidden': 'true' }, TONE_SIGNS[tone]),
    element(
      'span',
      { class: 'what' },
      element('span', { class: 'quiet' }, `${kind} `),
      element('strong', {}, subject),
      ` ${to}`,
    ),
    element('span', { class: 'why quiet', title: why }, shortened(why)),
  );
}

/** Without what was said before it. */
function shortened(why: string): string {
  return why.replace(/^is (UP|DOWN), reason: /, '');
}
