/** Which page has which path on the own listeners. Inside of proxies there are two: the stats page and the metrics. */
import { READ, type RouteEntry, RouteTable } from './routes.ts';
import { html } from './visit.ts';

const ENTRIES: readonly RouteEntry[] = [{ path: '/', methods: READ, answer: () => html(index()) }];

export const PAGES = new RouteTable(ENTRIES);

function index(): string {
  const links = ENTRIES.map(({ path }) => path).filter((path) => path !== '/' && !path.endsWith('*'));
  const items = links.map((path) => `<li><a href="${path}">${path}</a></li>`).join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tandem</title><h1>Tandem</h1><ul>${items}</ul></html>\n`;
}
