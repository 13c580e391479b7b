/** All of a kind, or those that somebody looks for. Where there are many they are closed until asked for, but for those in trouble. */
import { byId, LiveText, within } from './element.ts';

/** Up to so many servers are shown at once. */
const OPEN_SERVERS = 60;
/** In trouble or not: a page of everything helps nobody. */
const OPEN_TROUBLES = 8;

export interface Card<T> {
  readonly node: HTMLElement;
  open(isOpen: boolean): void;
  show(one: T, wallMs: number): void;
  /** It is not wanted any more. */
  drop(): void;
}

export interface CardListSetup<T> {
  /** The id of its section, which has a tally, what to look for, a list, and a line for when nothing is found. */
  readonly section: string;
  readonly make: (one: T, at: number) => Card<T>;
  readonly name: (one: T) => string;
  readonly servers: (one: T) => number;
  /** What it can be found by. */
  readonly words: (one: T) => Iterable<string>;
  readonly isUnwell: (one: T) => boolean;
  readonly tally: (cards: number, servers: number) => string;
}

export class CardList<T> {
  readonly #setup: CardListSetup<T>;
  readonly #section: HTMLElement;
  readonly #list: HTMLElement;
  readonly #nothing: HTMLElement;
  readonly #find: HTMLInputElement;
  readonly #only: HTMLInputElement;
  readonly #tally = new LiveText();
  #cards: readonly Card<T>[] = [];
  #names = '';
  #shown: readonly T[] = [];
  #isFiltered = false;

  constructor(setup: CardListSetup<T>) {
    this.#setup = setup;
    this.#section = byId(setup.section);
    this.#list = within(this.#section, '.list');
    this.#nothing = within(this.#section, '.nothing');
    this.#find = input(within(this.#section, '.find input'));
    this.#only = input(within(this.#section, '.only input'));
    within(this.#section, '.tally').append(this.#tally.node);
    this.#find.addEventListener('input', () => this.#filter());
    this.#only.addEventListener('change', () => this.#filter());
  }

  /** `form`: with another one they are made anew. */
  show(shown: readonly T[], wallMs: number, form = ''): void {
    const { name, servers, tally } = this.#setup;
    const names = [form, ...shown.map(name)].join('\n');
    if (names !== this.#names) {
      this.#names = names;
      this.#build(shown);
    }
    for (const [at, one] of shown.entries()) this.#cards[at]?.show(one, wallMs);
    this.#tally.set(tally(shown.length, sum(shown, servers)));
    this.#shown = shown;
    this.#filter();
    this.#section.hidden = shown.length === 0;
  }

  #build(shown: readonly T[]): void {
    const { make, servers, isUnwell } = this.#setup;
    for (const card of this.#cards) card.drop();
    this.#cards = shown.map(make);
    this.#list.replaceChildren(...this.#cards.map(({ node }) => node));
    const isSmall = sum(shown, servers) <= OPEN_SERVERS;
    let troubles = 0;
    for (const [at, one] of shown.entries()) {
      const isTrouble = isUnwell(one) && troubles++ < OPEN_TROUBLES;
      if (isSmall || isTrouble) this.#cards[at]?.open(true);
    }
  }

  #filter(): void {
    const { words, isUnwell } = this.#setup;
    const wanted = this.#find.value.trim().toLowerCase();
    const unwell = this.#only.checked;
    if (wanted === '' && !unwell && !this.#isFiltered) return;
    this.#isFiltered = wanted !== '' || unwell;
    let shown = 0;
    for (const [at, one] of this.#shown.entries()) {
      const isFound = [...words(one)].some((word) => word.toLowerCase().includes(wanted));
      const isShown = isFound && (!unwell || isUnwell(one));
      const node = this.#cards[at]?.node;
      if (node !== undefined && node.hidden === isShown) node.hidden = !isShown;
      if (isShown) shown++;
    }
    this.#nothing.hidden = shown > 0;
  }
}

function sum<T>(all: readonly T[], number: (one: T) => number): number {
  return all.reduce((total, one) => total + number(one), 0);
}

function input(found: HTMLElement): HTMLInputElement {
  if (!(found instanceof HTMLInputElement)) throw new Error('that is no input');
  return found;
}
