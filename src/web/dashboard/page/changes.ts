/** What somebody wants to change of a server: asked again, sent, and told how it went. */
import type { ShownServer } from '../shown.ts';
import { later } from './browser.ts';
import { byId, LiveText, within } from './element.ts';
import type { ChangeWish, ServerChange } from './server-row.ts';

const NOTICE_MS = 8000;

const QUESTIONS: Readonly<Record<ServerChange, { verb: string; text: string }>> = {
  ready: { verb: 'Make ready', text: 'New clients are sent to it again, as its checks and its weight allow.' },
  drain: { verb: 'Drain', text: 'It keeps the clients that stay with it. Others go elsewhere. Checks go on.' },
  maint: {
    verb: 'Put into maintenance',
    text: 'Nobody is sent to it any more, and it is not checked. What is open is finished.',
  },
  weight: { verb: 'Set weight of', text: 'Its share of the traffic: 0 to 256, or a percentage of what is configured.' },
};

export interface ChangePlace {
  readonly url: string;
  /** null: nobody may. */
  token(): string | null;
}

interface Question {
  readonly backend: string;
  readonly server: ShownServer;
  readonly what: ServerChange;
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
  #question: Question | null = null;
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

  wishFor(backend: string): ChangeWish {
    return (server, what, from) => this.#ask({ backend, server, what }, from);
  }

  /** The browser brings the focus back to where it was when the dialog is closed. */
  #ask(question: Question, from: HTMLElement): void {
    const { backend, server, what } = question;
    const { verb, text } = QUESTIONS[what];
    this.#question = question;
    from.focus();
    this.#title.set(`${verb} ${backend}/${server.name}?`);
    this.#text.set(text);
    this.#go.set(what === 'weight' ? 'Set weight' : verb);
    this.#trouble.set('');
    this.#weightPlace.hidden = what !== 'weight';
    this.#weight.required = what === 'weight';
    this.#weight.value = what === 'weight' ? String(server.weight) : '';
    this.#dialog.showModal();
    if (what === 'weight') this.#weight.select();
    else this.#goButton.focus();
  }

  async #send(): Promise<void> {
    const question = this.#question;
    if (question === null || this.#goButton.disabled) return;
    this.#goButton.disabled = true;
    const trouble = await this.#post(question, this.#weight.value);
    this.#goButton.disabled = false;
    if (trouble !== null) return this.#trouble.set(trouble);
    const { backend, server, what } = question;
    this.#dialog.close();
    this.#tell(`${backend}/${server.name}: ${what === 'weight' ? `weight ${this.#weight.value}` : what}`);
  }

  /** null: done. */
  async #post({ backend, server, what }: Question, weight: string): Promise<string | null> {
    const token = this.#place.token();
    if (token === null) return 'This page may not change anything (any more).';
    try {
      const response = await fetch(this.#place.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Tandem-Token': token },
        body: JSON.stringify({ backend, server: server.name, what, weight: what === 'weight' ? weight.trim() : '' }),
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
