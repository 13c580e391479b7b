/** The pages of the own listener, by path. Not here: what they say. */
import { type Route, refusal, type WebAnswer, type WebVisit } from './visit.ts';

export interface RouteEntry {
  /** Exactly this path; with `*` at its end, whatever begins so. */
  readonly path: string;
  readonly methods: readonly WebVisit['method'][];
  readonly answer: Route;
}

export const READ: readonly WebVisit['method'][] = ['GET', 'HEAD'];
export const READ_AND_POST: readonly WebVisit['method'][] = ['GET', 'HEAD', 'POST'];

export class RouteTable {
  readonly #entries: readonly RouteEntry[];

  constructor(entries: readonly RouteEntry[]) {
    this.#entries = entries;
  }

  /** The first entry whose path it is. */
  answer(visit: WebVisit): WebAnswer | Promise<WebAnswer> {
    const entry = this.#entries.find(({ path }) => fits(path, visit.path));
    if (entry === undefined) return refusal(404, 'There is no such page.');
    if (entry.methods.includes(visit.method)) return entry.answer(visit);
    return { ...refusal(405, `${visit.method} means nothing here.`), headers: { Allow: entry.methods.join(', ') } };
  }
}

function fits(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}
