/** One real server of a virtual server: what it is, and what the kernel sends it. */
import { byHandText, realServerAddress, weightText } from '../../../admin/l4-states.ts';
import { SteppedRate } from '../../../admin/stepped-rate.ts';
import type { ShownL4Check, ShownRealServer } from '../shown-virtual-server.ts';
import { ChangeButtons } from './change-buttons.ts';
import { element, LiveAttribute, LiveText } from './element.ts';
import { bytesPerSecond, count, duration, perSecond } from './format.ts';
import { Spark } from './spark.ts';
import { StateSign } from './state-sign.ts';
import type { Table } from './table.ts';
import type { RealServerChange } from './wish.ts';
import { realServerWord } from './words.ts';

export const REAL_SERVER_COLUMNS = [
  { name: 'Server' },
  { name: 'State' },
  { name: 'Weight', figures: true },
  { name: 'Active', figures: true },
  { name: 'Other', figures: true },
  { name: 'Connections', figures: true },
  { name: 'Of late' },
  { name: 'In', figures: true },
  { name: 'Out', figures: true },
  { name: 'Check' },
] as const;

export type RealServerChangeWish = (server: ShownRealServer, what: RealServerChange, from: HTMLElement) => void;

const BUTTONS = [
  ['release', 'Release'],
  ['up', 'Up'],
  ['down', 'Down'],
  ['drain', 'Drain'],
  ['weight', 'Weight'],
] as const;

export class RealServerRow {
  readonly #state = new StateSign();
  readonly #spark = new Spark();
  readonly #tone: LiveAttribute;
  readonly #checkTitle: LiveAttribute;
  readonly #titles: { readonly connections: LiveAttribute; readonly in: LiveAttribute; readonly out: LiveAttribute };
  readonly #texts = {
    ...{ since: new LiveText(), weight: new LiveText(), active: new LiveText(), inactive: new LiveText() },
    ...{ connections: new LiveText(), in: new LiveText(), out: new LiveText(), check: new LiveText() },
  };
  readonly #rates = {
    ...{ connections: new SteppedRate(), inBytes: new SteppedRate(), inPackets: new SteppedRate() },
    ...{ outBytes: new SteppedRate(), outPackets: new SteppedRate() },
  };

  readonly #buttons: ChangeButtons<RealServerChange> | null;
  #server: ShownRealServer;

  /** `change`: null: nobody may. */
  constructor(table: Table, server: ShownRealServer, change: RealServerChangeWish | null) {
    this.#server = server;
    const texts = this.#texts;
    const name = realServerAddress(server);
    const [connections, inwards, outwards, check] = [texts.connections, texts.in, texts.out, texts.check].map(
      ({ node }) => element('span', {}, node),
    ) as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
    this.#buttons =
      change === null || server.isSorryServer
        ? null
        : new ChangeButtons(name, BUTTONS, 'weight', (what, from) => change(this.#server, what, from));
    const row = table.row(
      [
        element('span', { class: 'name' }, name),
        element('span', { class: 'tag' }, server.forwarding),
        ...(server.isSorryServer ? [element('span', { class: 'tag' }, 'sorry server')] : []),
      ],
      [this.#state.node, element('span', { class: 'quiet since' }, texts.since.node)],
      ...[texts.weight, texts.active, texts.inactive].map(({ node }) => [node]),
      [connections],
      [this.#spark.node],
      [inwards],
      [outwards],
      [check],
      // Nobody decides about the sorry server.
      ...(change === null ? [] : [this.#buttons === null ? [] : [this.#buttons.node]]),
    );
    row.dataset['server'] = name;
    this.#tone = new LiveAttribute(row, 'data-tone');
    this.#checkTitle = new LiveAttribute(check, 'title');
    this.#titles = {
      connections: new LiveAttribute(connections, 'title'),
      in: new LiveAttribute(inwards, 'title'),
      out: new LiveAttribute(outwards, 'title'),
    };
  }

  show(server: ShownRealServer, wallMs: number): void {
    const { checks, figures, lastChangeMs, isUp } = server;
    this.#server = server;
    const [texts, titles, rates] = [this.#texts, this.#titles, this.#rates];
    const word = realServerWord(server);
    const rate = rates.connections.look(wallMs, figures.connections);
    this.#state.show(word);
    this.#tone.set(word.tone);
    this.#spark.push(wallMs, rate);
    const since = lastChangeMs === null ? '' : `for ${duration(wallMs - lastChangeMs)}`;
    texts.since.set([since, byHandText(server)].filter((part) => part !== '').join(', '));
    texts.weight.set(weightText(server));
    texts.active.set(count(figures.active));
    texts.inactive.set(count(figures.inactive));
    texts.connections.set(perSecond(rate));
    titles.connections.set(`${count(figures.connections)} in all`);
    texts.in.set(bytesPerSecond(rates.inBytes.look(wallMs, figures.requestBytes)));
    titles.in.set(packetsText(rates.inPackets.look(wallMs, figures.requestPackets), figures.requestPackets));
    texts.out.set(bytesPerSecond(rates.outBytes.look(wallMs, figures.replyBytes)));
    titles.out.set(packetsText(rates.outPackets.look(wallMs, figures.replyPackets), figures.replyPackets));
    texts.check.set(checks.length === 0 ? 'not checked' : checksText(checks, isUp));
    this.#press(server);
    this.#checkTitle.set(checks.length < 2 ? null : checksText(checks, true));
  }

  #press({ held, ownWeight }: ShownRealServer): void {
    this.#buttons?.press(held ?? (ownWeight === null ? 'release' : ownWeight === 0 ? 'drain' : 'weight'));
  }

  drop(): void {
    this.#spark.drop();
  }
}

function packetsText(rate: number, packets: number): string {
  return `${count(rate)} packets/s, ${count(packets)} in all`;
}

/** `http: status 503`: of one that is down what fails. */
function checksText(checks: readonly ShownL4Check[], all: boolean): string {
  const told = all ? checks : checks.filter((check) => !check.isUp);
  return told.map(({ kind, why }) => (why === '' ? kind : `${kind}: ${why}`)).join('; ');
}
