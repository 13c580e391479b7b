/** What traffic shows: `observe`, over the wire of a simulated network. */
import { describe, expect, it } from 'vitest';
import {
  SERVER_ERRORS,
  SERVER_TRIP_CAUSE,
  SERVER_TRIPS,
  TRAFFIC_BAD_HEAD,
  TRAFFIC_CLOSED,
  TRAFFIC_CONNECT_FAILED,
  TRAFFIC_READ_ERROR,
  TRAFFIC_STATUS,
  TRAFFIC_TIMEOUT,
} from '../../src/proxy/shared-state.ts';
import { ACCEPT, type Peer, REFUSE } from '../support/simulated-network.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, PORT, web } from '../support/web.ts';

const response = (status: number): string => `HTTP/1.1 ${status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`;

function scene(parameters: string): { proxy: SimulatedProxy; visit: (answer: ((peer: Peer) => void) | null) => void } {
  const proxy = new SimulatedProxy(web({ lines: 'retries 0', server: `check ${parameters}` }));
  return {
    proxy,
    visit: (answer) => {
      proxy.server(PORT).answer = () => (answer === null ? REFUSE : ACCEPT);
      if (answer !== null) {
        proxy.server(PORT).onPeer = (peer) => {
          peer.onReceived = () => answer(peer);
        };
      }
      proxy.ask(get());
      proxy.settle();
    },
  };
}

/** Errors in a row, how often they were too many, and what the last such was. */
function seen(proxy: SimulatedProxy): readonly number[] {
  return [SERVER_ERRORS, SERVER_TRIPS, SERVER_TRIP_CAUSE].map((word) => proxy.serverGauge(0, word));
}

const status = (code: number) => (peer: Peer) => peer.send(response(code));

describe('observe layer7', () => {
  it.each<[string, (peer: Peer) => void, number]>([
    ['a status', status(500), TRAFFIC_STATUS],
    ['no answer', (peer) => peer.end(), TRAFFIC_CLOSED],
    ['a reset', (peer) => peer.reset(), TRAFFIC_READ_ERROR],
    ['what is no answer', (peer) => peer.send('HTTP/1.1 200 OK\r\nno header\r\n\r\n'), TRAFFIC_BAD_HEAD],
  ])('counts %s', (_, answer, cause) => {
    const { proxy, visit } = scene('observe layer7 error-limit 2');
    visit(answer);
    expect(seen(proxy)).toEqual([1, 0, 0]);
    visit(answer);
    expect(seen(proxy)).toEqual([0, 1, cause]);
  });

  it('counts answers that are late', () => {
    const { proxy, visit } = scene('observe layer7 error-limit 1');
    visit(() => {});
    proxy.advance(60_000);
    expect(seen(proxy)).toEqual([0, 1, TRAFFIC_TIMEOUT]);
  });

  it.each([200, 302, 404, 499, 501, 505])('takes %i for a good sign', (code) => {
    const { proxy, visit } = scene('observe layer7 error-limit 3');
    visit(status(500));
    visit(status(500));
    visit(status(code));
    visit(status(500));
    expect(seen(proxy)).toEqual([1, 0, 0]);
  });
});

describe('observe layer4', () => {
  it('counts connections that fail, and is content with those that do not', () => {
    const { proxy, visit } = scene('observe layer4 error-limit 2');
    visit(null);
    expect(seen(proxy)).toEqual([1, 0, 0]);
    visit(status(500));
    expect(seen(proxy)).toEqual([0, 0, 0]);
    visit(null);
    visit(null);
    expect(seen(proxy)).toEqual([0, 1, TRAFFIC_CONNECT_FAILED]);
  });
});

it('nobody is observed who is not checked', () => {
  const text = web({ server: 'observe layer7' });
  expect(
    new SimulatedProxy(text).plan.proxies.flatMap(({ servers }) => servers.map(({ observes }) => observes)),
  ).toEqual([0]);
});
