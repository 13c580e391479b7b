/**
 * The pair: for each virtual router both boxes side by side, the addresses in the one that has them, and why the priorities
 * are what they are.
 */
import type { InstanceStatus } from '../../../daemon/pair-status.ts';
import type { ShownStatus } from '../shown.ts';
import { ChangeButtons } from './change-buttons.ts';
import { byId, element, LiveAttribute, LiveText, within } from './element.ts';
import { duration, milliseconds, NONE, plural } from './format.ts';
import { StateSign } from './state-sign.ts';
import type { RouterChange } from './wish.ts';
import { instanceWord, type Word } from './words.ts';

/** One of the two boxes, as it stands in the picture. */
class Box {
  readonly node: HTMLElement;
  readonly state = new StateSign();
  readonly name: LiveText;
  readonly priority = new LiveText();
  readonly more = new LiveText();
  readonly #addresses = element('ul', { class: 'addresses' });
  readonly #owns: LiveAttribute;
  #shown = '';

  constructor(name: string, label: string) {
    this.name = new LiveText(name);
    this.node = element(
      'div',
      { class: 'box', role: 'group', 'aria-label': label },
      element('p', { class: 'who' }, element('strong', {}, this.name.node), this.state.node),
      element('p', { class: 'priority' }, element('span', { class: 'quiet' }, 'priority '), this.priority.node),
      element('p', { class: 'quiet more' }, this.more.node),
      this.#addresses,
    );
    this.#owns = new LiveAttribute(this.node, 'data-owns');
  }

  own(addresses: readonly string[]): void {
    const key = addresses.join(' ');
    if (key === this.#shown) return;
    this.#shown = key;
    this.#owns.set(addresses.length === 0 ? null : 'yes');
    this.#addresses.replaceChildren(...addresses.map((address) => element('li', {}, address)));
  }
}

export type RouterChangeWish = (router: string, what: RouterChange, from: HTMLElement) => void;

const BUTTONS = [
  ['release', 'Release'],
  ['master', 'Master'],
  ['backup', 'Backup'],
  ['fault', 'Fault'],
] as const;

class InstanceCard {
  readonly node: HTMLElement;
  readonly #title = new LiveText();
  readonly #here = new Box('this box', 'This box');
  readonly #there = new Box('the other', 'The other box');
  readonly #facts = new LiveText();
  readonly #since = new LiveText();
  readonly #buttons: ChangeButtons<RouterChange> | null;

  /** `change`: null: nobody may. */
  constructor(name: string, change: RouterChangeWish | null) {
    this.#buttons =
      change === null ? null : new ChangeButtons(name, BUTTONS, null, (what, from) => change(name, what, from));
    this.node = element(
      'article',
      { class: 'instance', 'data-instance': name },
      element('h3', {}, name, ' ', element('span', { class: 'quiet' }, this.#title.node)),
      element('div', { class: 'boxes' }, this.#here.node, this.#there.node),
      element('p', { class: 'quiet' }, this.#since.node, this.#facts.node),
      ...(this.#buttons === null ? [] : [this.#buttons.node]),
    );
  }

  show(instance: InstanceStatus, node: string, wallMs: number): void {
    const { state, holds, addresses, master, counters, lastTransitionMs } = instance;
    const family = instance.family === 6 ? 'IPv6' : 'IPv4';
    this.#title.set(`${instance.interface} · ${family} · VRID ${instance.vrid} · VRRP ${instance.version}`);
    this.#here.name.set(node);
    this.#here.state.show(instanceWord(instance));
    this.#here.priority.set(String(instance.effectivePriority));
    this.#here.more.set(reasonsText(instance));
    this.#here.own(holds ? addresses : []);
    this.#there.state.show(otherWord(instance));
    const heard = instance.rival ?? master;
    this.#there.name.set(heard === null ? 'the other' : heard.address);
    this.#there.priority.set(heard === null ? NONE : String(heard.priority));
    this.#there.more.set(heard === null ? silenceText(instance) : `heard ${milliseconds(heard.heardMsAgo)} ago`);
    // Who says that it is master, and does not have them here, has them there.
    this.#there.own(!holds && master !== null ? addresses : []);
    this.#buttons?.press(instance.forced ?? 'release');
    this.#since.set(lastTransitionMs === null ? '' : `${state} for ${duration(wallMs - lastTransitionMs)} · `);
    const errors = counters.errors === 0 ? '' : `, ${plural(counters.errors, 'error')}`;
    this.#facts.set(
      `advert every ${milliseconds(instance.advertIntervalMs)} · ${counters.advertsSent} sent, ` +
        `${counters.advertsReceived} received${errors} · master ${plural(counters.becameMaster, 'time')}`,
    );
  }
}

/** `configured 200; track_script chk −20`, or what is faulty. */
function reasonsText({ state, faults, configuredPriority, effectivePriority, reasons }: InstanceStatus): string {
  if (state === 'FAULT' && faults.length > 0) return faults.join('; ');
  const told = reasons.map(({ what, weight }) => {
    if (weight === 0) return what;
    return `${what} ${weight > 0 ? '+' : '−'}${Math.abs(weight)}`;
  });
  const from = effectivePriority === configuredPriority ? [] : [`configured ${configuredPriority}`];
  const all = [...from, ...told];
  return all.length === 0 ? 'as configured' : all.join('; ');
}

function otherWord({ master, rival, state }: InstanceStatus): Word {
  if (rival !== null) return { text: 'MASTER, too', sign: '✕', tone: 'bad' };
  if (master !== null) return { text: 'MASTER', sign: '●', tone: 'good' };
  return { text: state === 'MASTER' ? 'not heard' : 'nobody is heard', sign: '○', tone: 'idle' };
}

function silenceText({ state }: InstanceStatus): string {
  return state === 'MASTER' ? 'a backup says nothing' : 'no master is heard';
}

export class Pair {
  readonly #section = byId('pair');
  readonly #list = within(byId('pair'), '.instances');
  readonly #change: RouterChangeWish;
  #cards: readonly InstanceCard[] = [];
  #names = '';

  constructor(change: RouterChangeWish) {
    this.#change = change;
  }

  /** What happened stands beside it, or last where there is none. In the document, too: focus and voices go in its order. */
  #place(isAlone: boolean): void {
    this.#section.hidden = isAlone;
    (isAlone ? within(document, 'main') : byId('beside')).append(byId('events'));
  }

  show({ pair, node, wallMs }: ShownStatus, mayChange: boolean): void {
    // A file may have virtual servers alone.
    const isAlone = pair === null || pair.instances.length === 0;
    if (this.#section.hidden !== isAlone) this.#place(isAlone);
    if (isAlone) return;
    const change = mayChange ? this.#change : null;
    const names = [String(mayChange), ...pair.instances.map(({ name }) => name)].join('\n');
    if (names !== this.#names) {
      this.#names = names;
      this.#cards = pair.instances.map(({ name }) => new InstanceCard(name, change));
      this.#list.replaceChildren(...this.#cards.map((card) => card.node));
    }
    for (const [at, instance] of pair.instances.entries()) this.#cards[at]?.show(instance, node, wallMs);
  }
}
