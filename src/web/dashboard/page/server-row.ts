/** One server: what it is, what it does, and the buttons that change it. */
import type { ShownServer } from '../shown.ts';
import { ChangeButtons } from './change-buttons.ts';
import { element, LiveAttribute, LiveText } from './element.ts';
import { count, duration, milliseconds, NONE, ofLimit, perSecond } from './format.ts';
import { Spark } from './spark.ts';
import { StateSign } from './state-sign.ts';
import type { Table } from './table.ts';
import type { ServerChange } from './wish.ts';
import { checkProgress, checkText, serverWord } from './words.ts';

export const SERVER_COLUMNS = [
  { name: 'Server' },
  { name: 'State' },
  { name: 'Weight', figures: true },
  { name: 'Sessions', figures: true },
  { name: 'Queue', figures: true },
  { name: 'Rate', figures: true },
  { name: 'Of late' },
  { name: 'Response', figures: true },
  { name: 'Errors', figures: true },
  { name: 'Check' },
] as const;

export const BUTTONS_COLUMN = { name: 'Change' } as const;

/** Somebody wants this; `from`: where the focus is to be afterwards. */
export type ChangeWish = (server: ShownServer, what: ServerChange, from: HTMLElement) => void;

const BUTTONS = [
  ['ready', 'Ready'],
  ['drain', 'Drain'],
  ['maint', 'Maint'],
  ['weight', 'Weight'],
] as const;

export class ServerRow {
  readonly #state = new StateSign();
  readonly #rate = new Spark();
  readonly #check = new Spark('check', 20);
  readonly #tone: LiveAttribute;
  readonly #texts = {
    address: new LiveText(),
    since: new LiveText(),
    weight: new LiveText(),
    sessions: new LiveText(),
    queue: new LiveText(),
    rate: new LiveText(),
    response: new LiveText(),
    errors: new LiveText(),
    check: new LiveText(),
    progress: new LiveText(),
  };
  readonly #buttons: ChangeButtons<ServerChange> | null;
  readonly #checkTitle: LiveAttribute;
  readonly #times: LiveAttribute;
  #server: ShownServer | null = null;

  /** `change`: null: nobody may. */
  constructor(table: Table, name: string, isBackup: boolean, change: ChangeWish | null) {
    const texts = this.#texts;
    const check = element('span', {}, texts.check.node);
    this.#checkTitle = new LiveAttribute(check, 'title');
    const response = element('span', {}, texts.response.node);
    this.#times = new LiveAttribute(response, 'title');
    this.#buttons =
      change === null
        ? null
        : new ChangeButtons(name, BUTTONS, 'weight', (what, from) => {
            if (this.#server !== null) change(this.#server, what, from);
          });
    const row = table.row(
      [
        element('span', { class: 'name' }, name),
        ...(isBackup ? [element('span', { class: 'tag' }, 'backup')] : []),
        element('span', { class: 'quiet address' }, texts.address.node),
      ],
      [this.#state.node, element('span', { class: 'quiet since' }, texts.since.node)],
      [texts.weight.node],
      [texts.sessions.node],
      [texts.queue.node],
      [texts.rate.node],
      [this.#rate.node],
      [response],
      [texts.errors.node],
      [
        element(
          'span',
          { class: 'check' },
          this.#check.node,
          check,
          element('span', { class: 'quiet' }, texts.progress.node),
        ),
      ],
      ...(this.#buttons === null ? [] : [[this.#buttons.node]]),
    );
    row.dataset['server'] = name;
    this.#tone = new LiveAttribute(row, 'data-tone');
  }

  show(server: ShownServer, wallMs: number): void {
    this.#server = server;
    const { check, host, port } = server;
    const texts = this.#texts;
    const word = serverWord(server);
    this.#state.show(word);
    this.#tone.set(word.tone);
    texts.address.set(
      host === null ? 'no address' : port > 0 ? `${host.includes(':') ? `[${host}]` : host}:${port}` : host,
    );
    texts.since.set(`for ${duration(wallMs - server.sinceMs)}`);
    texts.weight.set(
      server.effectiveWeight === server.weight
        ? String(server.weight)
        : `${server.effectiveWeight} of ${server.weight}`,
    );
    texts.sessions.set(ofLimit(server.sessions, server.limit));
    texts.queue.set(count(server.queued));
    texts.rate.set(perSecond(server.rate.now));
    texts.response.set(responseText(server));
    this.#times.set(timesText(server.times));
    texts.errors.set(count(server.connectErrors + server.responseErrors));
    texts.check.set(checkText(check, server.tracks));
    this.#checkTitle.set(check === null || check.info === '' ? null : check.info);
    texts.progress.set(checkProgress(check));
    this.#rate.push(wallMs, server.rate.now);
    if (check !== null && check.durationMs >= 0) this.#check.push(wallMs, check.durationMs);
    this.#buttons?.press(server.maint ? 'maint' : server.drain ? 'drain' : 'ready');
  }

  drop(): void {
    this.#rate.drop();
    this.#check.drop();
  }
}

/** Of the last 1024 streams. */
function responseText({ http, times, total }: ShownServer): string {
  return total === 0 ? NONE : milliseconds(http ? times.responseMs : times.totalMs);
}

function timesText({ queueMs, connectMs, responseMs, totalMs, totalMaxMs }: ShownServer['times']): string {
  const parts = [
    `queue ${milliseconds(queueMs)}`,
    `connect ${milliseconds(connectMs)}`,
    `response ${milliseconds(responseMs)}`,
    `in all ${milliseconds(totalMs)}, at most ${milliseconds(totalMaxMs)}`,
  ];
  return parts.join(' · ');
}
