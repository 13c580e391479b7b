/** A line that says how something is, with what belongs to it below, as long as it is open. */
import { element, LiveAttribute, LiveText } from './element.ts';
import { StateSign } from './state-sign.ts';
import type { Word } from './words.ts';

export interface FoldSetup<Fact extends string> {
  readonly name: string;
  /** For voices: `Backend app`. */
  readonly label: string;
  /** Of what is below; there is none other on the page. */
  readonly id: string;
  /** By this it is found: `data-backend`. */
  readonly mark: string;
  readonly facts: readonly Fact[];
  /** What stands before the first fact's figure. */
  readonly spark: Node;
  readonly opened: (isOpen: boolean) => void;
}

export class Fold<Fact extends string> {
  readonly node: HTMLElement;
  readonly place: HTMLElement;
  readonly #state = new StateSign();
  readonly #summary = new LiveText();
  readonly #since = new LiveText();
  readonly #facts = new Map<Fact, LiveText>();
  readonly #expanded: LiveAttribute;
  readonly #opened: (isOpen: boolean) => void;
  #isOpen = false;

  constructor({ name, label, id, mark, facts, spark, opened }: FoldSetup<Fact>) {
    this.#opened = opened;
    const list = element('dl', { class: 'facts' });
    for (const [at, fact] of facts.entries()) {
      const value = new LiveText();
      this.#facts.set(fact, value);
      const before = at === 0 ? [spark] : [];
      list.append(element('div', {}, element('dt', {}, fact), element('dd', {}, ...before, value.node)));
    }
    this.place = element('div', { class: 'servers', id });
    const toggle = element(
      'button',
      { type: 'button', class: 'toggle', 'aria-controls': id },
      element('span', { class: 'arrow', 'aria-hidden': 'true' }),
      element('span', { class: 'name' }, name),
    );
    this.#expanded = new LiveAttribute(toggle, 'aria-expanded');
    toggle.addEventListener('click', () => this.open(!this.#isOpen));
    const told = element('p', { class: 'told' }, this.#state.node);
    told.append(' ', element('span', { class: 'quiet' }, this.#summary.node, ' · ', this.#since.node));
    this.node = element(
      'section',
      { class: 'fold', [mark]: name, 'aria-label': label },
      element('div', { class: 'head' }, element('h3', {}, toggle), told, list),
      this.place,
    );
    this.#show();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#show();
    this.#opened(isOpen);
  }

  tell(state: Word, summary: string, since: string): void {
    this.#state.show(state);
    this.#summary.set(summary);
    this.#since.set(since);
  }

  fact(name: Fact, text: string): void {
    this.#facts.get(name)?.set(text);
  }

  #show(): void {
    this.#expanded.set(String(this.#isOpen));
    this.place.hidden = !this.#isOpen;
  }
}
