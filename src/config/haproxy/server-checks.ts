/** What can be judged of a proxy's servers once they are all known. */
import { hasBackend, type ProxyDraft, proxyLabel } from './drafts.ts';

export function checkServers(proxy: ProxyDraft): void {
  if (!hasBackend(proxy)) return;
  const byName = new Map<string, number>();
  for (const { statement, name, id, address, settings } of proxy.servers) {
    // A server with an id of its own may share its name: the id tells them apart.
    const earlier = id === null ? byName.get(name) : undefined;
    if (earlier !== undefined) {
      statement.error(
        1,
        'duplicate',
        `${proxyLabel(proxy)} has another server '${name}' (line ${earlier})`,
        'use distinct names',
      );
    } else if (id === null) byName.set(name, statement.origin.line);
    const { enabled, port } = settings.check;
    const portKnown = port !== null || settings.checkAddressPort !== null || !address.portFromClient;
    if (enabled && !portKnown) {
      const message = `server '${name}' is checked, but has neither a port nor a port for checks`;
      statement.error(2, 'no-check-port', message, "add 'port <number>'");
    }
  }
}
