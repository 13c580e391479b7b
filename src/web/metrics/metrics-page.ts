/** `/metrics`: the same on the own listeners and where a proxy has `use-service prometheus-exporter`. */
import { type Route, refusal } from '../visit.ts';
import { METRICS_TYPE } from './exposition.ts';
import type { Metrics } from './metrics.ts';

export function metricsPage(metrics: Metrics): Route {
  return ({ target }) => {
    const mark = target.indexOf('?');
    const body = metrics.answer(mark < 0 ? '' : target.slice(mark + 1));
    if (body === 'bad query') return refusal(400, 'There is no such scope, or the query cannot be read.');
    if (body === 'busy') {
      const busy = refusal(503, 'Others are reading the metrics; there is nothing more to have by asking more often.');
      return { ...busy, headers: { ...busy.headers, 'Retry-After': '1' } };
    }
    return { status: 200, headers: { 'Content-Type': METRICS_TYPE, 'Cache-Control': 'no-cache' }, body };
  };
}
