/** What the proxies do as a whole, as four charts. */
import type { ShownStatus } from '../shown.ts';
import { Chart } from './chart.ts';
import { byId } from './element.ts';
import { bytesPerSecond, count, milliseconds, perSecond } from './format.ts';
import { niceBytes } from './geometry.ts';
import { Growth } from './history.ts';

export class Overview {
  readonly #requests = new Chart({
    title: 'Requests',
    lines: [
      { name: 'all', look: 'one' },
      { name: '4xx', look: 'two' },
      { name: '5xx', look: 'three' },
    ],
    text: perSecond,
    least: 10,
  });
  readonly #sessions = new Chart({
    title: 'Sessions',
    lines: [
      { name: 'open', look: 'one' },
      { name: 'queued', look: 'three' },
    ],
    text: count,
    least: 10,
  });
  readonly #traffic = new Chart({
    title: 'Traffic',
    lines: [
      { name: 'out', look: 'one' },
      { name: 'in', look: 'two' },
    ],
    text: bytesPerSecond,
    top: niceBytes,
    least: 1024,
  });
  readonly #times = new Chart({
    title: 'Time to answer, of servers',
    lines: [
      { name: 'slowest', look: 'one' },
      { name: 'mean', look: 'two' },
    ],
    text: milliseconds,
    least: 10,
  });
  readonly #growth = { requests: new Growth(), clientErrors: new Growth(), serverErrors: new Growth() };
  readonly #bytes = { in: new Growth(), out: new Growth() };

  constructor() {
    byId('overview').append(this.#requests.node, this.#sessions.node, this.#traffic.node, this.#times.node);
  }

  show({ wallMs, process, proxies }: ShownStatus): void {
    byId('overview').hidden = proxies.length === 0;
    const sums = { requests: 0, clientErrors: 0, serverErrors: 0, in: 0, out: 0, queued: 0 };
    const times = { sum: 0, weights: 0, most: 0 };
    for (const { frontend, backend } of proxies) {
      if (frontend !== null) {
        // Of TCP each connection counts as one.
        sums.requests += frontend.http ? frontend.requests : frontend.connections;
        sums.clientErrors += frontend.responses[3];
        sums.serverErrors += frontend.responses[4];
        sums.in += frontend.bytesIn;
        sums.out += frontend.bytesOut;
      }
      if (backend === null) continue;
      sums.queued += backend.queued;
      for (const server of backend.servers) {
        sums.queued += server.queued;
        // An average that nobody adds to says nothing of now.
        if (server.rate.now === 0) continue;
        const { responseMs } = server.times;
        times.sum += responseMs * server.rate.now;
        times.weights += server.rate.now;
        times.most = Math.max(times.most, responseMs);
      }
    }
    const requests = this.#growth.requests.look(wallMs, sums.requests);
    const clientErrors = this.#growth.clientErrors.look(wallMs, sums.clientErrors);
    const serverErrors = this.#growth.serverErrors.look(wallMs, sums.serverErrors);
    const inwards = this.#bytes.in.look(wallMs, sums.in);
    const outwards = this.#bytes.out.look(wallMs, sums.out);
    if (requests !== null) this.#requests.push(wallMs, [requests, clientErrors ?? 0, serverErrors ?? 0]);
    if (outwards !== null) this.#traffic.push(wallMs, [outwards, inwards ?? 0]);
    this.#sessions.push(wallMs, [process.connections, sums.queued]);
    this.#times.push(wallMs, times.weights === 0 ? null : [times.most, times.sum / times.weights]);
  }
}
