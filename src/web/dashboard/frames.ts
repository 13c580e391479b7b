/**
 * The status as the dashboard shows it, made anew when asked for, and what is different from the one before as text that all
 * listeners get.
 *
 *   Status ─▶ shown ─▶ difference from the last one ─▶ pieces of text ─▶ every listener
 *                 └─ what has not changed is the same object: differences from older ones are quick
 *
 * Control has VRRP to do: with thousands of servers this is done in slices, in between of which others have their turn.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Complaint, proxyComplaints } from '../../admin/complaints.ts';
import { virtualServerComplaints } from '../../admin/l4-complaints.ts';
import type { ProxyStatus, StatusHead } from '../../admin/status.ts';
import type { Clock } from '../../core/clock.ts';
import type { VirtualServerStatus } from '../../l4/status.ts';
import { difference, type Patch } from './patch.ts';
import { type ShownLists, type ShownProxy, type ShownStatus, shownProxy } from './shown.ts';
import { type ShownVirtualServer, shownVirtualServer } from './shown-virtual-server.ts';

/** How long it works before others have their turn. */
const SLICE_MS = 3;
/** Text is handed over in pieces of about this. */
const PIECE_CHARACTERS = 16_384;

/** What there is to be shown. */
export interface StatusSource {
  proxies(): Iterable<ProxyStatus>;
  virtualServers(): Iterable<VirtualServerStatus>;
  /** `ofServices`: what there is to complain about these. */
  head(ofServices: readonly Complaint[]): StatusHead;
}

export interface Frame {
  readonly status: ShownStatus;
  /** Of this one the text is the change. null: there was none before. */
  readonly before: ShownStatus | null;
  /** JSON of a patch; none: nothing has changed. */
  readonly change: readonly string[];
  /** Time that making it took. */
  readonly spentMs: number;
}

/** Gives others their turn when a slice of time is over. */
export class Slices {
  readonly #clock: Clock;
  #sinceMs: number;
  spentMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  async rest(): Promise<void> {
    if (this.#clock.monotonicMs() - this.#sinceMs < SLICE_MS) return;
    this.end();
    await nextTurn();
    this.#sinceMs = this.#clock.monotonicMs();
  }

  end(): void {
    this.spentMs += this.#clock.monotonicMs() - this.#sinceMs;
  }
}

export async function makeFrame(source: StatusSource, before: ShownStatus | null, clock: Clock): Promise<Frame> {
  const slices = new Slices(clock);
  const wallMs = clock.wallMs();
  // Of each proxy nothing is kept but what is shown: ten thousand views that live on are work for the collector.
  const complaints: Complaint[] = [];
  const proxies: ShownProxy[] = [];
  for (const proxy of source.proxies()) {
    const last = before?.proxies[proxies.length];
    proxies.push(shownProxy(proxy, last?.name === proxy.name ? last : null, wallMs));
    complaints.push(...proxyComplaints(proxy));
    await slices.rest();
  }
  const virtualServers: ShownVirtualServer[] = [];
  for (const virtual of source.virtualServers()) {
    const last = before?.virtualServers[virtualServers.length];
    virtualServers.push(shownVirtualServer(virtual, last?.name === virtual.name ? last : null));
    complaints.push(...virtualServerComplaints(virtual));
    await slices.rest();
  }
  const { version: _, ...head } = source.head(complaints);
  const status: ShownStatus = { ...head, proxies, virtualServers };
  const change: string[] = [];
  if (before !== null) for await (const piece of changeBetween(before, status, slices)) change.push(piece);
  slices.end();
  return { status, before, change, spentMs: slices.spentMs };
}

const LISTS = ['proxies', 'virtualServers'] as const satisfies readonly (keyof ShownLists)[];

/** JSON of the patch that makes one into the other, in pieces; none, where they are the same. */
export async function* changeBetween(before: ShownStatus, after: ShownStatus, slices: Slices): AsyncGenerator<string> {
  if (before === after) return;
  if (LISTS.some((list) => before[list].length !== after[list].length)) {
    yield '[';
    yield* wholeOf(after, slices);
    yield ']';
    return;
  }
  const ofHead = (difference(headOf(before), headOf(after)) ?? {}) as Readonly<Record<string, Patch>>;
  let text = '{';
  for (const [key, patch] of Object.entries(ofHead)) text += `${JSON.stringify(key)}:${JSON.stringify(patch)},`;
  for (const [number, list] of LISTS.entries()) {
    text += `${number === 0 ? '' : ','}"${list}":{`;
    let isFirst = true;
    for (const [at, one] of after[list].entries()) {
      const patch = difference(before[list][at], one);
      if (patch === undefined) continue;
      text += `${isFirst ? '' : ','}"${at}":${JSON.stringify(patch)}`;
      isFirst = false;
      if (text.length >= PIECE_CHARACTERS) {
        yield text;
        text = '';
      }
      await slices.rest();
    }
    text += '}';
  }
  yield `${text}}`;
}

/** JSON of all of it, in pieces. */
export async function* wholeOf(status: ShownStatus, slices: Slices): AsyncGenerator<string> {
  let text = JSON.stringify(headOf(status)).slice(0, -1);
  for (const list of LISTS) {
    text += `,"${list}":[`;
    for (const [at, one] of status[list].entries()) {
      text += `${at === 0 ? '' : ','}${JSON.stringify(one)}`;
      if (text.length >= PIECE_CHARACTERS) {
        yield text;
        text = '';
      }
      await slices.rest();
    }
    text += ']';
  }
  yield `${text}}`;
}

function headOf({ proxies: _, virtualServers: __, ...head }: ShownStatus): Omit<ShownStatus, keyof ShownLists> {
  return head;
}
