/** Buttons that change something; that of how it is now is pressed. */
import { element, LiveAttribute } from './element.ts';

export class ChangeButtons<What extends string> {
  readonly node: HTMLElement;
  readonly #pressed = new Map<What, LiveAttribute>();

  /** `wants`: somebody pressed one; `from`: where the focus is to be afterwards. `stateless`: it says nothing of how it is. */
  constructor(
    name: string,
    buttons: readonly (readonly [what: What, text: string])[],
    stateless: What | null,
    wants: (what: What, from: HTMLElement) => void,
  ) {
    this.node = element('div', { role: 'group', 'aria-label': `Change ${name}`, class: 'changes' });
    for (const [what, text] of buttons) {
      const button = element('button', { type: 'button', 'data-what': what }, text);
      if (what !== stateless) {
        const pressed = new LiveAttribute(button, 'aria-pressed');
        pressed.set('false');
        this.#pressed.set(what, pressed);
      }
      button.addEventListener('click', () => wants(what, button));
      this.node.append(button);
    }
  }

  press(now: What): void {
    for (const [what, pressed] of this.#pressed) pressed.set(String(what === now));
  }
}
