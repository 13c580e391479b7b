/** Current sessions, of the generation that serves and of those that finish. */
import { expect, it } from 'vitest';
import { Legacy, matchesOf } from '../../src/daemon/succession.ts';
import {
  HEADER_CONNECTIONS,
  PROXY_BACKEND_SESSIONS,
  PROXY_FRONTEND_SESSIONS,
  PROXY_QUEUED,
  SERVER_IDLE,
  SERVER_QUEUED,
  SERVER_SESSIONS,
  SERVER_SESSIONS_MAX,
} from '../../src/proxy/shared-state.ts';
import { FakeAdminSide } from '../support/admin-side.ts';

const SERVERS = 'backend app\n server s1 127.0.0.1:1\n server s2 127.0.0.1:2\n';

it('count together, by name; what is gone counts as a connection all the same', () => {
  const before = new FakeAdminSide(`listen gone\n bind :1\nfrontend web\n bind :2\n default_backend app\n${SERVERS}`);
  const now = new FakeAdminSide(
    'frontend web\n bind :2\n default_backend app\nbackend app\n server s2 127.0.0.1:2\n server new 127.0.0.1:3\n',
  );
  const rows = (side: FakeAdminSide, proxy: number, server: number) => ({
    proxy: side.state.proxy(proxy),
    server: side.state.server(server),
  });
  // The old one: web is its second proxy, app its third, s2 its second server.
  before.state.set(rows(before, 1, 0).proxy + PROXY_FRONTEND_SESSIONS, 5);
  before.state.set(rows(before, 2, 0).proxy + PROXY_BACKEND_SESSIONS, 4);
  before.state.set(rows(before, 2, 0).proxy + PROXY_QUEUED, 1);
  before.state.set(rows(before, 2, 0).server + SERVER_SESSIONS, 50);
  before.state.set(rows(before, 2, 1).server + SERVER_SESSIONS, 3);
  before.state.set(rows(before, 2, 1).server + SERVER_QUEUED, 2);
  before.state.set(rows(before, 2, 1).server + SERVER_IDLE, 6);
  before.state.set(rows(before, 2, 1).server + SERVER_SESSIONS_MAX, 9);
  before.state.set(HEADER_CONNECTIONS, 7);
  now.state.set(rows(now, 0, 0).proxy + PROXY_FRONTEND_SESSIONS, 2);
  now.state.set(rows(now, 1, 0).proxy + PROXY_BACKEND_SESSIONS, 1);
  now.state.set(rows(now, 1, 0).server + SERVER_SESSIONS, 1);
  now.state.set(HEADER_CONNECTIONS, 2);
  const legacy = new Legacy(before.state, now.state, matchesOf(before.plan, now.plan));
  const look = () => {
    const [web, app] = [...now.statistics.proxies(-1)];
    const [s2, fresh] = app?.backend?.servers ?? [];
    return {
      web: [web?.frontend?.sessions, web?.frontend?.sessionsMax],
      app: [app?.backend?.sessions, app?.backend?.queued],
      s2: [s2?.sessions, s2?.queued, s2?.idle],
      fresh: fresh?.sessions,
      all: now.statistics.process().connections,
    };
  };
  expect(look()).toMatchObject({ web: [2, 2], app: [1, 0], s2: [1, 0, 0], all: 2 });
  now.statistics.elders = () => [legacy];
  expect(look()).toEqual({ web: [7, 7], app: [5, 1], s2: [4, 2, 6], fresh: 0, all: 9 });
  now.statistics.elders = () => [];
  expect(look()).toMatchObject({ web: [2, 2], app: [1, 0], s2: [1, 0, 0], all: 2 });
});
