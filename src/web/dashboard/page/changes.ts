/** What somebody wants to change: asked again, sent, and told how it went. What that may be: wish.ts. */
import { later } from './browser.ts';
import { byId, LiveText, within } from './element.ts';
import type { Wish } from './wish.ts';

const NOTICE_MS = 8000;

export interface ChangePlace {
  readonly url: string;
  /** null: nobody may. */
  token(): string | null;
}

export class Changes {
  readonly #place: ChangePlace;
  readonly #dialog = dialog();
  readonly #title = new LiveText();
  readonly #text = new LiveText();
  readonly #trouble = new LiveText();
  readonly #go = new LiveText();
  readonly #goButton = button(within(byId('confirm'), '.go'));
  readonly #cancel = within(byId('confirm'), '.plain');
  readonly #weightPlace = byId('confirm-weight');
  readonly #weight = input(within(byId('confirm'), 'input'));
  readonly #notice = new LiveText();
  #wish: Wish | null = null;
  #forget: { cancel(): void } | null = null;

  constructor(place: ChangePlace) {
    this.#place = place;
    byId('confirm-title').replaceChildren(this.#title.node);
    byId('confirm-text').append(this.#text.node);
    byId('confirm-trouble').append(this.#trouble.node);
    this.#goButton.append(this.#go.node);
    byId('notice').append(this.#notice.node);
    this.#cancel.addEventListener('click', () => this.#dialog.close());
    within(this.#dialog, 'form').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send();
    });
  }

  /** `from`: the browser brings the focus back there when the dialog is closed. */
  ask(wish: Wish, from: HTMLElement): void {
    const { target, verb, text, weight, pattern } = wish;
    const isWeight = weight !== null;
    this.#wish = wish;
    from.focus();
    this.#title.set(`${verb} ${target}?`);
    this.#text.set(text);
    this.#go.set(isWeight ? 'Set weight' : verb);
    this.#trouble.set('');
    this.#weightPlace.hidden = !isWeight;
    this.#weight.required = isWeight;
    this.#weight.pattern = pattern;
    this.#weight.value = weight ?? '';
    this.#dialog.showModal();
    if (isWeight) this.#weight.select();
    else this.#goButton.focus();
  }

  async #send(): Promise<void> {
    const wish = this.#wish;
    if (wish === null || this.#goButton.disabled) return;
    this.#goButton.disabled = true;
    const weight = wish.weight === null ? '' : this.#weight.value.trim();
    const trouble = await this.#post(wish, weight);
    this.#goButton.disabled = false;
    if (trouble !== null) return this.#trouble.set(trouble);
    this.#dialog.close();
    this.#tell(`${wish.target}: ${wish.weight === null ? wish.what : `weight ${weight}`}`);
  }

  /** null: done. */
  async #post({ body, what }: Wish, weight: string): Promise<string | null> {
    const token = this.#place.token();
    if (token === null) return 'This page may not change anything (any more).';
    try {
      const response = await fetch(this.#place.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Tandem-Token': token },
        body: JSON.stringify({ ...body, what, weight }),
        credentials: 'same-origin',
        redirect: 'error',
      });
      return response.ok ? null : (await response.text()).trim();
    } catch {
      return 'The program cannot be reached. Nothing was changed, as far as this page knows.';
    }
  }

  #tell(text: string): void {
    this.#notice.set(text);
    this.#forget?.cancel();
    this.#forget = later(NOTICE_MS, () => this.#notice.set(''));
  }
}

function dialog(): HTMLDialogElement {
  const found = byId('confirm');
  if (!(found instanceof HTMLDialogElement)) throw new Error('#confirm is no dialog');
  return found;
}

function button(found: HTMLElement): HTMLButtonElement {
  if (!(found instanceof HTMLButtonElement)) throw new Error('that is no button');
  return found;
}

function input(found: HTMLElement): HTMLInputElement {
  if (!(found instanceof HTMLInputElement)) throw new Error('that is no input');
  return found;
}
