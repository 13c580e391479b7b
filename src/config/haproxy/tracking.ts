/** `track`, once all servers are known: whether the other one is there, has a state to follow, and does not follow back. */
import { hasBackend, type ProxyDraft, type ServerDraft } from './drafts.ts';

interface Place {
  readonly proxy: ProxyDraft;
  readonly server: ServerDraft;
}

export function checkTracking(proxies: readonly ProxyDraft[]): void {
  const running = proxies.filter((proxy) => !proxy.disabled && hasBackend(proxy));
  for (const proxy of running) for (const server of proxy.servers) checkServer({ proxy, server }, running);
}

function checkServer(place: Place, proxies: readonly ProxyDraft[]): void {
  const { proxy, server } = place;
  const { check, track } = server.settings;
  if (track === null) return;
  const fail = (message: string, hint?: string): void => {
    server.statement.error(0, 'bad-track', `server '${server.name}' cannot follow: ${message}`, hint);
  };
  if (check.enabled) {
    fail('it is checked itself', "either 'check' or 'track'");
    return;
  }
  const other = followed(place, proxies);
  if (typeof other === 'string') {
    fail(other);
    return;
  }
  const { settings } = other.server;
  const path = `${other.proxy.name}/${other.server.name}`;
  if (!settings.check.enabled && !settings.agent.enabled && settings.track === null) {
    fail(`${path} has no state of its own`, "it needs 'check', 'agent-check' or 'track'");
  } else if (loops(place, proxies)) fail(`following ${path} leads back to it`);
  else if (proxy !== other.proxy && disables(proxy) !== disables(other.proxy)) {
    fail(`only one of the backends has 'http-check disable-on-404'`, 'both or none');
  }
}

function followed({ proxy, server }: Place, proxies: readonly ProxyDraft[]): Place | string {
  const { track } = server.settings;
  const home = track?.proxy == null ? proxy : proxies.find(({ name }) => name === track.proxy);
  if (home === undefined) return `there is no backend '${track?.proxy}'`;
  const found = home.servers.find(({ name }) => name === track?.server);
  return found === undefined ? `there is no server '${track?.server}'` : { proxy: home, server: found };
}

/** Somebody else's loop is somebody else's error, but must not keep us. */
function loops(start: Place, proxies: readonly ProxyDraft[]): boolean {
  const seen = new Set<ServerDraft>();
  for (let place = start; place.server.settings.track !== null && !seen.has(place.server); ) {
    seen.add(place.server);
    const next = followed(place, proxies);
    if (typeof next === 'string') return false;
    if (next.server === start.server) return true;
    place = next;
  }
  return false;
}

function disables({ toggles }: ProxyDraft): boolean {
  return toggles.has('disable-on-404');
}
