/** What the rules of a check may ask for beyond the place of their server: model → what src/health runs. Pure. */
import type { CheckConnect } from '../config/check-model.ts';
import type { Model, Proxy as ProxyModel, Server } from '../config/model.ts';
import type { InetAddress, UnixAddress } from '../core/address.ts';
import { PLAIN_SCENE, type RuleScene } from '../health/probe.ts';
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
    if (rule.kind === 'connect') places.set(rule, placeOf(rule, own, addresses));
  }
  const { bufferSizeBytes } = model.global;
  return { ...PLAIN_SCENE, backend: proxy.name, server: server.name, bufferBytes: bufferSizeBytes, places };
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
