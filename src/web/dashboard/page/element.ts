/** Elements made by calls, never from text: nothing that comes from outside can become markup. */

const SVG = 'http://www.w3.org/2000/svg';

export type Attributes = Readonly<Record<string, string | number | boolean>>;
export type Child = Node | string;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  setAll(made, attributes);
  made.append(...children);
  return made;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, tag);
  setAll(made, attributes);
  made.append(...children);
  return made;
}

function setAll(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) target.setAttribute(name, '');
    else if (value !== false) target.setAttribute(name, String(value));
  }
}

/** What index.html has. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

export function within(parent: ParentNode, selector: string): HTMLElement {
  const found = parent.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`the page has no ${selector}`);
  return found;
}

/** A piece of text that changes. The document is touched only when it does. */
export class LiveText {
  readonly node: Text;
  #now: string;

  constructor(text = '') {
    this.node = document.createTextNode(text);
    this.#now = text;
  }

  set(text: string): void {
    if (text === this.#now) return;
    this.#now = text;
    this.node.data = text;
  }
}

/** The same for an attribute; null: there is none. */
export class LiveAttribute {
  readonly #target: Element;
  readonly #name: string;
  #now: string | null = null;

  constructor(target: Element, name: string) {
    this.#target = target;
    this.#name = name;
    this.#now = target.getAttribute(name);
  }

  set(value: string | null): void {
    if (value === this.#now) return;
    this.#now = value;
    if (value === null) this.#target.removeAttribute(this.#name);
    else this.#target.setAttribute(this.#name, value);
  }
}
