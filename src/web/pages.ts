/** Which page has which path on the own listeners. Inside of proxies there are two: the stats page and the metrics. */
import type { Metrics } from './metrics/metrics.ts';
import { metricsPage } from './metrics/metrics-page.ts';
import { READ, type RouteEntry, RouteTable } from './routes.ts';
import { html } from './visit.ts';

export function pages(metrics: Metrics): RouteTable {
  const entries: RouteEntry[] = [
    { path: '/', methods: READ, answer: () => html(index(entries)) },
    { path: '/metrics', methods: READ, answer: metricsPage(metrics) },
  ];
  return new RouteTable(entries);
}

function index(entries: readonly RouteEntry[]): string {
  const links = entries.map(({ path }) => path).filter((path) => path !== '/' && !path.endsWith('*'));
  const items = links.map((path) => `<li><a href="${path}">${path}</a></li>`).join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tandem</title><h1>Tandem</h1><ul>${items}</ul></html>\n`;
}
