/** Which page has which path on the own listeners. Inside of proxies there are two: the stats page and the metrics. */
import { statusJson } from '../admin/status.ts';
import type { StatsPage } from '../config/inside-model.ts';
import type { Dashboard } from './dashboard/dashboard.ts';
import type { Metrics } from './metrics/metrics.ts';
import { metricsPage } from './metrics/metrics-page.ts';
import { READ, READ_AND_POST, type RouteEntry, RouteTable } from './routes.ts';
import { statsAnswer } from './stats-page/stats-page.ts';
import { unhurried } from './unhurried.ts';
import { answer, type Route, refusal } from './visit.ts';

const STATS: StatsPage = {
  uri: '/stats',
  realm: '',
  refreshS: 0,
  users: [],
  scopes: [],
  hidesVersion: false,
  showsLegends: true,
  showsModules: false,
  node: '',
  description: '',
  rules: [],
  admin: [],
};

const statsPage: Route = (visit) => statsAnswer(visit, { settings: STATS, proxy: '', admin: visit.admin });

/** What `tandem status --json` says. */
const statusPage: Route = async ({ side }) => {
  if (side.proxies === null) return refusal(404, 'Nothing runs that could tell.');
  await side.proxies.pair?.look();
  return answer(200, 'application/json; charset=utf-8', unhurried(statusJson(side.proxies)));
};

/** Of the dashboard, relative to its page. */
const PARTS = 'dashboard/';

export function pages(metrics: Metrics, dashboard: Dashboard): RouteTable {
  const entries: readonly RouteEntry[] = [
    { path: '/', methods: READ, answer: () => dashboard.page(PARTS) },
    {
      path: `/${PARTS}*`,
      methods: READ_AND_POST,
      answer: (visit) => dashboard.part(visit.path.slice(PARTS.length + 1), visit),
    },
    { path: '/status', methods: READ, answer: statusPage },
    { path: '/stats', methods: READ_AND_POST, answer: statsPage },
    { path: '/stats;*', methods: READ_AND_POST, answer: statsPage },
    { path: '/metrics', methods: READ, answer: metricsPage(metrics) },
  ];
  return new RouteTable(entries);
}
