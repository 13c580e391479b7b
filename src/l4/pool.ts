/** One virtual server at work (skeleton: to be filled). */
import type { VirtualServer } from '../config/l4-model.ts';
import type { DestinationFigures } from './kernel.ts';
import { destinationKey, serviceKey } from './pool-names.ts';
import type { PoolServices } from './pool-services.ts';
import type { L4Service } from './service.ts';
import type { VirtualServerStatus } from './status.ts';

export class Pool {
  readonly model: VirtualServer;
  /** `service.key`: who comes after it in a reload has the same. */
  readonly key: string;

  /** `before`: the pool of the same key that it takes over from when it starts; it is not to be stopped then. */
  constructor(model: VirtualServer, _services: PoolServices, _before: Pool | null) {
    this.model = model;
    this.key = serviceKey(model);
  }

  /** Decides who is in, tells who is to be told, and begins the checks. From now on `service` is what the kernel shall do. */
  start(): void {}

  get service(): L4Service {
    const { model, key } = this;
    const { name, family, protocol, places, marks, scheduler, hashesPort, onePacket, persistence } = model;
    const destinations = model.realServers.map((one) => ({ ...one, key: destinationKey(one.address) }));
    return {
      ...{ key, name, family, protocol, places, marks, scheduler, hashesPort, onePacket, persistence },
      destinations,
    };
  }

  status(_figures: ReadonlyMap<string, DestinationFigures>): VirtualServerStatus {
    throw new Error('to come');
  }

  /** `ha_suspend`; before `start`: the checks begin suspended. */
  suspend(_on: boolean): void {}

  /** An operator's weight of the server `[10.0.0.71]:tcp:80`, in place of the file's; null: the file's. false: no such server. */
  setWeight(_server: string, _weight: number | null): boolean {
    return false;
  }

  /** The server is up or down whatever its checks say; null: as they say. false: no such server. */
  hold(_server: string, _state: 'up' | 'down' | null): boolean {
    return false;
  }

  /** The program ends: checks end, with `omega` notifiers run as if all went down. `service` stays as it is. */
  stop(): void {}

  /** The file does not name it any more: checks end, notifiers run as if all went down. */
  remove(): void {}
}
