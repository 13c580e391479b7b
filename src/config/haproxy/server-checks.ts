/** What can be judged of a proxy's servers once they are all known. */

import type { SourceAddress } from '../../core/source-address.ts';
import type { CheckRule } from '../check-model.ts';
import { buildCheck } from './check-draft.ts';
import { hasBackend, type ProxyDraft, proxyLabel } from './drafts.ts';
import type { Statement } from './statement.ts';

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
    if (proxy.mode === 'tcp' && settings.observation.layer === 'layer7') {
      const message = `server '${name}' cannot be observed at layer7: ${proxyLabel(proxy)} is not in mode http`;
      statement.warning(0, 'no-effect', message, "'observe layer4'");
      settings.observation.layer = 'none';
    }
    if (settings.agent.enabled && settings.agent.port === 0) {
      statement.error(
        0,
        'no-agent-port',
        `server '${name}' has an agent, but no port for it`,
        "add 'agent-port <port>'",
      );
    }
    const { enabled, port } = settings.check;
    const portKnown =
      port !== null ||
      settings.checkAddressPort !== null ||
      !address.portFromClient ||
      hasPorts(buildCheck(proxy.check).rules);
    if (enabled && !portKnown) {
      const message = `server '${name}' is checked, but has neither a port nor a port for checks`;
      statement.error(2, 'no-check-port', message, "add 'port <number>'");
    }
    if (enabled) checkSource(proxy, statement, name, settings.source ?? proxy.source);
  }
}

/** Checks are made by Node's sockets: those bind to an address, to nothing else. */
function checkSource(proxy: ProxyDraft, statement: Statement, name: string, source: SourceAddress | null): void {
  if (source === null || (source.interface === '' && source.firstPort === 0)) return;
  const what = source.interface === '' ? 'port' : 'interface';
  const message = `checks of server '${name}' in ${proxyLabel(proxy)} do not leave through the ${what} of its 'source'`;
  statement.warning(0, 'no-effect', message, 'they leave from its address');
}

/** Each connection of the list says where it goes, the first one at least. */
export function hasPorts(rules: readonly CheckRule[]): boolean {
  const connections = rules.filter((rule) => rule.kind === 'connect');
  return connections.every(({ port, address }) => typeof port === 'number' || (address?.port ?? 0) > 0);
}
