/**
 * One virtual server at work. Its servers are up while all of their checks are; their weights make the quorum; both make the
 * service that the kernel shall balance:
 *
 *   checks ──▶ PoolServer ──▶ Pool ──▶ service (pool-destinations.ts)
 *   operators ─────▲           └─────▶ scripts, pipes, mails (pool-told.ts)
 *
 * Order and words are keepalived's (check/ipwrapper.c). Not here: the checks (checks/), the kernel (ruleset-keeper.ts).
 */
import type { VirtualServer } from '../config/l4-model.ts';
import { sameMeaning } from '../config/same-meaning.ts';
import type { CheckState } from './check.ts';
import type { DestinationFigures } from './kernel.ts';
import type { CheckOwner, PoolCheck } from './pool-check.ts';
import { destinationsOf } from './pool-destinations.ts';
import { checkText } from './pool-letters.ts';
import { serverName, serviceKey } from './pool-names.ts';
import { missingQuorum, quorumChange } from './pool-quorum.ts';
import { PoolServer } from './pool-server.ts';
import type { PoolServices } from './pool-services.ts';
import { poolStatus } from './pool-status.ts';
import { PoolTold } from './pool-told.ts';
import type { L4Service } from './service.ts';
import type { VirtualServerStatus } from './status.ts';

export class Pool {
  readonly model: VirtualServer;
  /** `service.key`: who comes after it in a reload has the same. */
  readonly key: string;
  readonly #services: PoolServices;
  readonly #told: PoolTold;
  readonly #servers: readonly PoolServer[];
  /** Until it has started: who it takes over from. */
  #before: Pool | null;
  #service: L4Service;
  #hasQuorum = false;
  #needsSorry = false;
  #suspended = false;
  #phase: 'new' | 'running' | 'over' = 'new';

  /** `before`: the pool of the same key that it takes over from when it starts; that one is not to be stopped. */
  constructor(model: VirtualServer, services: PoolServices, before: Pool | null) {
    this.model = model;
    this.key = serviceKey(model);
    this.#services = services;
    this.#told = new PoolTold(model, services);
    this.#servers = model.realServers.map((server) => new PoolServer(server, model));
    this.#before = before;
    if (before !== null && model.haSuspend) this.#suspended = before.#suspended;
    this.#service = this.#serviceNow();
  }

  /** What the kernel shall do, once it has started. */
  get service(): L4Service {
    return this.#service;
  }

  get hasQuorum(): boolean {
    return this.#hasQuorum;
  }

  /** Decides who is in, tells who is to be told, and begins the checks. */
  start(): void {
    if (this.#phase !== 'new') return;
    this.#phase = 'running';
    const before = this.#before;
    this.#before = null;
    if (before !== null) this.#takeOver(before);
    for (const server of this.#servers)
      if (before === null || before.#serverLike(server) === undefined) this.#begin(server);
      else this.#judgeServer(server, 'the configuration was changed');
    this.#judgeQuorum(true, before !== null);
    this.#commit();
  }

  /** `ha_suspend`; before `start`: the checks begin suspended. */
  suspend(on: boolean): void {
    if (on === this.#suspended) return;
    this.#suspended = on;
    if (this.#phase !== 'running') return;
    for (const server of this.#servers) server.suspend(on);
  }

  /** An operator's weight of the server `[10.0.0.71]:tcp:80`, in place of the file's; null: the file's. false: no such server. */
  setWeight(name: string, weight: number | null): boolean {
    return this.#change(name, (server) => {
      server.ownWeight = weight;
      if (this.#judgeWeight(server)) this.#judgeQuorum(false, false);
    });
  }

  /** The server is up or down whatever its checks say; null: as they say. false: no such server. */
  hold(name: string, state: 'up' | 'down' | null): boolean {
    return this.#change(name, (server) => {
      server.held = state;
      this.#judgeServer(server, state === null ? 'as its checks say again' : `held ${state} by hand`);
    });
  }

  status(figures: ReadonlyMap<string, DestinationFigures>): VirtualServerStatus {
    return poolStatus(
      this.model,
      {
        ...{ servers: this.#servers, service: this.#service, weightUp: this.#weightUp },
        ...{ hasQuorum: this.#hasQuorum, needsSorry: this.#needsSorry, suspended: this.#suspended },
      },
      figures,
    );
  }

  /** The program ends: checks end, with `omega` notifiers run as if all went down. `service` stays as it is. */
  stop(): void {
    if (!this.#end()) return;
    for (const server of this.#servers) this.#leave(server, this, 'Shutting down', this.model.omega);
    this.#hasQuorum = false;
    if (this.model.omega) this.#told.service(false, 'stopping', 'Shutting down');
  }

  /** The file does not name it any more: checks end, notifiers run as if all went down. */
  remove(): void {
    if (!this.#end()) return;
    this.#told.log(`Removing Virtual Server ${this.model.name}`);
    for (const server of this.#servers) this.#leave(server, this, 'Removing', true);
    this.#judgeQuorum(false, false);
  }

  #end(): boolean {
    const wasRunning = this.#phase === 'running';
    this.#phase = 'over';
    if (wasRunning) for (const server of this.#servers) server.stopChecks();
    return wasRunning;
  }

  /** A server that nothing was known of. */
  #begin(server: PoolServer): void {
    server.beginChecks(this.model.name, this.#services.beginCheck, this.#owner(server));
    if (this.#suspended) server.suspend(true);
    server.isUp = server.wantsUp;
    server.weight = server.wantedWeight;
    if (server.isUp && this.#services.settings.rsInitNotifies) this.#told.server(server, 'at the start');
  }

  #takeOver(before: Pool): void {
    before.#phase = 'over';
    this.#hasQuorum = before.#hasQuorum;
    this.#takeOverSorry(before);
    for (const old of before.#servers) {
      if (this.#serverLike(old) !== undefined) continue;
      old.stopChecks();
      this.#told.log(`service ${old.name} no longer exist`);
      this.#leave(old, before, 'Removing', true);
    }
    for (const server of this.#servers) {
      const old = before.#serverLike(server);
      if (old === undefined) continue;
      server.takeOver(old, this.model.name, this.#services.beginCheck, this.#owner(server));
      server.suspend(this.#suspended);
      this.#judgeWeight(server);
    }
  }

  #takeOverSorry(before: Pool): void {
    if (!before.#needsSorry) return;
    const [old, now] = [before.model.sorryServer, this.model.sorryServer];
    this.#needsSorry = now !== null && sameMeaning(old?.address, now.address);
    if (!this.#needsSorry) this.#told.log(`Removing sorry server ${before.#sorryName} from VS ${this.model.name}`);
  }

  /** It was in and is not any more, whatever it was. */
  #leave(server: PoolServer, from: Pool, what: 'Shutting down' | 'Removing', tells: boolean): void {
    const { name, key, isUp, model } = server;
    const isInhibited = model.inhibitOnFailure && !isUp;
    if (what === 'Shutting down' || from.#service.destinations.some((one) => one.key === key))
      this.#told.log(`${what} ${isInhibited ? '(inhibited) ' : ''}service ${name} from VS ${this.model.name}`);
    if (!isUp) return;
    server.isUp = false;
    if (!tells) return;
    this.#told.server(server, what === 'Removing' ? 'not in the configuration any more' : 'stopping');
    this.#told.serverMail(server, `=> ${what} <=\n`);
  }

  #owner(server: PoolServer): CheckOwner {
    return { heard: (check, before) => this.#heard(server, check, before) };
  }

  #heard(server: PoolServer, check: PoolCheck, before: CheckState): void {
    if (this.#phase !== 'running') return;
    const { state, model } = check;
    const wasUp = server.isUp;
    // What it added goes with it, and nobody is told: its server goes.
    if (!state.isUp) server.weight = server.wantedWeight;
    else if (this.#judgeWeight(server)) this.#judgeQuorum(false, false);
    const why = `${model.kind}: ${state.why}`;
    this.#judgeServer(server, why);
    const isFirst = before.checkedWallMs === null;
    // Down from the start (`alpha`), and now it is known: who was never told is told.
    if (isFirst && !state.isUp && !server.isUp && !server.wasTold) this.#told.server(server, why);
    const isNews = state.isUp !== before.isUp || (isFirst && model.kind === 'misc');
    if (isNews && (server.isUp !== wasUp || this.#services.settings.checkerMails)) {
      const text = checkText(model.kind, state.isUp, state.why);
      if (text !== null) this.#told.serverMail(server, text);
    }
    this.#commit();
  }

  /** Its checks or an operator may have turned it. */
  #judgeServer(server: PoolServer, why: string): void {
    const { wantsUp, model, name } = server;
    if (wantsUp === server.isUp) return;
    const verb = model.inhibitOnFailure ? (wantsUp ? 'Enabling' : 'Disabling') : wantsUp ? 'Adding' : 'Removing';
    const preposition = model.inhibitOnFailure ? 'of' : wantsUp ? 'to' : 'from';
    this.#told.log(`${verb} service ${name} ${preposition} VS ${this.model.name}`);
    server.isUp = wantsUp;
    server.changedWallMs = this.#services.clock.wallMs();
    this.#told.server(server, why);
    this.#judgeQuorum(false, false);
  }

  /** `isStart`: a sorry server is needed though no quorum was lost; `isReload`: who was told that it is gone knows it. */
  #judgeQuorum(isStart: boolean, isReload: boolean): void {
    const { name, sorryServer } = this.model;
    const change = quorumChange(this.model, this.#hasQuorum, this.#weightUp);
    if (change?.hasQuorum === true) {
      this.#hasQuorum = true;
      this.#services.quorumChanged();
      this.#told.log(`Gained quorum ${change.sum} for VS ${name}`);
      if (this.#needsSorry) this.#dismissSorry();
      this.#told.service(
        true,
        `quorum ${change.sum}`,
        `${isStart ? 'Starting with quorum up' : 'Gained quorum'} ${change.sum}`,
      );
      return;
    }
    const needsSorryNow = isStart && !this.#hasQuorum && sorryServer !== null && !this.#needsSorry;
    if (change === null && !needsSorryNow) return;
    const sum = change?.sum ?? missingQuorum(this.model, this.#weightUp);
    const what = isStart ? 'Starting with quorum down' : 'Lost quorum';
    this.#hasQuorum = false;
    this.#services.quorumChanged();
    this.#told.log(`${what} ${sum} for VS ${name}`);
    if (sorryServer !== null && !this.#needsSorry && this.#phase === 'running') this.#callSorry();
    if (change !== null || !isReload) this.#told.service(false, `quorum ${sum}`, `${what} ${sum}`);
  }

  #callSorry(): void {
    const verb = this.model.sorryServer?.inhibits === true ? 'Enabling' : 'Adding';
    this.#told.log(`${verb} sorry server ${this.#sorryName} to VS ${this.model.name}`);
    this.#told.log(`Removing alive servers from the pool for VS ${this.model.name}`);
    this.#needsSorry = true;
  }

  #dismissSorry(): void {
    const verb = this.model.sorryServer?.inhibits === true ? 'Disabling' : 'Removing';
    this.#told.log(`${verb} sorry server ${this.#sorryName} from VS ${this.model.name}`);
    this.#told.log(`Adding alive servers to the pool for VS ${this.model.name}`);
    this.#needsSorry = false;
  }

  #judgeWeight(server: PoolServer): boolean {
    const { weight, wantedWeight, isUp, name } = server;
    if (wantedWeight === weight) return false;
    server.weight = wantedWeight;
    const active = isUp ? 'active' : 'inactive';
    this.#told.log(
      `Changing weight from ${weight} to ${wantedWeight} for ${active} service ${name} of VS ${this.model.name}`,
    );
    return true;
  }

  #change(name: string, change: (server: PoolServer) => void): boolean {
    const server = this.#servers.find((one) => one.name === name);
    if (server === undefined || this.#phase !== 'running') return false;
    change(server);
    this.#commit();
    return true;
  }

  get #weightUp(): number {
    return this.#servers.reduce((sum, server) => sum + (server.isUp ? server.weight : 0), 0);
  }

  get #sorryName(): string {
    const { sorryServer, protocol } = this.model;
    return sorryServer === null ? '' : serverName(sorryServer.address, protocol);
  }

  #serverLike({ key }: PoolServer): PoolServer | undefined {
    return this.#servers.find((one) => one.key === key);
  }

  #commit(): void {
    const service = this.#serviceNow();
    if (sameMeaning(service, this.#service)) return;
    this.#service = service;
    this.#services.changed();
  }

  #serviceNow(): L4Service {
    const { key, model } = this;
    const { name, family, protocol, places, marks, scheduler, hashesPort, onePacket, persistence, flowTimeouts } =
      model;
    const destinations = destinationsOf(model, this.#servers, this.#needsSorry);
    return {
      ...{ key, name, family, protocol, places, marks, scheduler, hashesPort, onePacket, persistence, flowTimeouts },
      destinations,
    };
  }
}
