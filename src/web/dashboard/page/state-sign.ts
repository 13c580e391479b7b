/** A state as it is shown everywhere: its sign, in its tone, and its word. */
import { element, LiveAttribute, LiveText } from './element.ts';
import type { Word } from './words.ts';

export class StateSign {
  readonly node: HTMLElement;
  readonly #tone: LiveAttribute;
  readonly #sign = new LiveText();
  readonly #text = new LiveText();

  constructor(node: HTMLElement = element('span')) {
    this.node = node;
    node.classList.add('state');
    this.#tone = new LiveAttribute(node, 'data-tone');
    node.replaceChildren(
      element('span', { class: 'sign', 'aria-hidden': 'true' }, this.#sign.node),
      element('span', {}, this.#text.node),
    );
  }

  show({ text, sign, tone }: Word): void {
    this.#tone.set(tone);
    this.#sign.set(sign);
    this.#text.set(text);
  }
}
