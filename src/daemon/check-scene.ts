/** What the rules of a check may ask for beyond the place of their server: model → what src/health runs. Pure. */
import type { CheckConnect } from '../config/check-model.ts';
import type { Model, Proxy as ProxyModel, Server } from '../config/model.ts';
import type { InetAddress, UnixAddress } from '../core/address.ts';
import type { SourceAddress } from '../core/source-address.ts';
import type { RuleScene } from '../health/probe.ts';
import { serverAddress } from './compile.ts';
import type { HostAddress } from './resolve.ts';

export function checkScene(
  model: Model,
  proxy: ProxyModel,
  server: Server,
  own: InetAddress | UnixAddress,
  addresses: ReadonlyMap<string, HostAddress>,
): RuleScene {
  const places = new Map<CheckConnect, InetAddress | UnixAddress>();
  for (const rule of proxy.checkMethod.rules) {
    const goesElsewhere = rule.kind === 'connect' && (rule.address !== null || typeof rule.port === 'number');
    if (goesElsewhere) places.set(rule, placeOf(rule, own, addresses));
  }
  const { v1, v2, crc32c, uniqueId } = server.sendProxy;
  const { sendProxy, port, address } = server.check;
  return {
    backend: proxy.name,
    server: server.name,
    bufferBytes: model.global.bufferSizeBytes,
    places,
    proxyHeader: { version: v2 ? 2 : 1, crc32c, uniqueId: null },
    // Checks that go elsewhere have to be told.
    sendsProxyHeader: sendProxy || ((v1 || v2 || crc32c || uniqueId) && port === null && address === null),
    localAddress: localAddress(server.source ?? proxy.source),
  };
}

function localAddress(source: SourceAddress | null): string | null {
  return source === null || source.ip === '0.0.0.0' || source.ip === '::' ? null : source.ip;
}

/** `addr` and `port` of the rule go before those of the server line. */
function placeOf(
  { address, port }: CheckConnect,
  own: InetAddress | UnixAddress,
  addresses: ReadonlyMap<string, HostAddress>,
): InetAddress | UnixAddress {
  const place = address === null ? own : (serverAddress({ address }, addresses) ?? own);
  if (place.family === 'unix') return place;
  const ownPort = own.family === 'unix' ? 0 : own.port;
  const written = typeof port === 'number' ? port : 0;
  return { ...place, port: written || (address?.port ?? 0) || ownPort };
}
