/** What HAProxy says of a proxy and its servers as a whole, in its words. Pure: numbers in, text out. */

export interface ServerFigures {
  readonly name: string;
  readonly up: boolean;
  readonly sessions: number;
  readonly queued: number;
  readonly total: number;
}

export interface ProxyFigures {
  readonly name: string;
  readonly servers: readonly ServerFigures[];
  readonly active: number;
  readonly backup: number;
  readonly frontendSessions: number;
  readonly backendSessions: number;
  readonly queued: number;
  readonly frontendTotal: number;
  readonly backendTotal: number;
}

export function stoppedText(proxy: ProxyFigures): string {
  return `Proxy ${proxy.name} stopped (cumulated conns: FE: ${proxy.frontendTotal}, BE: ${proxy.backendTotal}).`;
}

export function serverStateText(proxy: string, server: ServerFigures): string {
  const { name, up, sessions, queued, total } = server;
  return `SIGHUP: Server ${proxy}/${name} is ${up ? 'UP' : 'DOWN'}. Conn: ${sessions} act, ${queued} pend, ${total} tot.`;
}

export function proxyStateText(proxy: ProxyFigures): string {
  const pending = proxy.queued + proxy.servers.reduce((sum, server) => sum + server.queued, 0);
  const figures =
    `Conn: act(FE+BE): ${proxy.frontendSessions}+${proxy.backendSessions}, ${pending} pend (${proxy.queued} unass), ` +
    `tot(FE+BE): ${proxy.frontendTotal}+${proxy.backendTotal}.`;
  return `SIGHUP: Proxy ${proxy.name} ${availability(proxy)} ${figures}`;
}

function availability({ servers, active, backup }: ProxyFigures): string {
  if (servers.length === 0) return 'has no servers.';
  if (active > 0) return `has ${active} active servers and ${backup} backup servers available.`;
  return backup > 0 ? 'is running on backup servers !' : 'has no server available !';
}
