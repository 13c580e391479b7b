/** The first lines: whose box this is, how it is, whether what is shown is of now, and what there is to complain about. */
import type { ShownStatus } from '../shown.ts';
import { byId, element, LiveAttribute, LiveText, within } from './element.ts';
import { count, duration, plural } from './format.ts';
import { StateSign } from './state-sign.ts';
import { healthWord, type Word } from './words.ts';

const FACTS = ['up', 'connections', 'threads', 'idle', 'generation', 'version'] as const;

export type LinkState = 'connecting' | 'live' | 'stale' | 'asleep';

const LINKS: Readonly<Record<LinkState, Word>> = {
  connecting: { text: 'connecting', sign: '○', tone: 'idle' },
  live: { text: 'live', sign: '●', tone: 'good' },
  stale: { text: 'stale', sign: '▲', tone: 'warn' },
  asleep: { text: 'asleep while nobody looks', sign: '○', tone: 'idle' },
};

export class Head {
  readonly #node = new LiveText();
  readonly #health = new StateSign(byId('health'));
  readonly #link = new StateSign(byId('link'));
  readonly #stale = new LiveAttribute(document.body, 'data-link');
  readonly #facts = new Map<(typeof FACTS)[number], LiveText>();
  readonly #complaints = byId('complaints');
  readonly #list = within(byId('complaints'), 'ul');
  #complained = '';
  /** The page's title says how it is, too: it is all that a tab in the background shows. */
  #title = '';

  constructor() {
    byId('node').append(this.#node.node);
    const facts = byId('facts');
    for (const fact of FACTS) {
      const value = new LiveText();
      this.#facts.set(fact, value);
      facts.append(element('div', {}, element('dt', {}, fact), element('dd', {}, value.node)));
    }
    this.#health.show({ text: 'unknown', sign: '○', tone: 'idle' });
    this.link('connecting', 0);
  }

  /** `quietMs`: how old is what is shown. */
  link(state: LinkState, quietMs: number): void {
    const word = LINKS[state];
    // Not a new text each time: it is read out.
    const tens = Math.floor(quietMs / 10_000) * 10;
    const age = state === 'stale' ? (tens === 0 ? ': no news' : `: no news for ${duration(tens * 1000)}`) : '';
    this.#link.show({ ...word, text: `${word.text}${age}` });
    this.#stale.set(state);
  }

  version(version: string | null): void {
    this.#set('version', version ?? 'hidden');
  }

  show(status: ShownStatus): void {
    const { node, health, complaints, process, wallMs } = status;
    this.#node.set(node);
    this.#health.show(healthWord(health, complaints.length));
    const title = `${health === 'ok' ? '' : '(!) '}${node} · Tandem`;
    if (title !== this.#title) {
      this.#title = title;
      document.title = title;
    }
    const older = process.olderGenerations === 0 ? '' : `, ${plural(process.olderGenerations, 'older one')} ending`;
    const engine = process.engine === '' ? '' : ` (${process.engine})`;
    this.#set('up', duration(wallMs - process.startedWallMs));
    this.#set('connections', `${count(process.connections)} of ${count(process.maxconn)}`);
    this.#set('threads', `${process.threads}${engine}`);
    this.#set('idle', `${process.idlePercent} %`);
    this.#set('generation', `${process.generation}${older}`);
    this.#complain(complaints, health === 'failed');
  }

  #set(fact: (typeof FACTS)[number], text: string): void {
    this.#facts.get(fact)?.set(text);
  }

  #complain(complaints: readonly string[], isFailure: boolean): void {
    const key = complaints.join('\n');
    if (key === this.#complained) return;
    this.#complained = key;
    this.#complaints.hidden = complaints.length === 0;
    this.#complaints.dataset['tone'] = isFailure ? 'bad' : 'warn';
    this.#list.replaceChildren(...complaints.map((complaint) => element('li', { class: 'complaint' }, complaint)));
  }
}
