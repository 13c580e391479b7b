/**
 * What instances depend on, looked at once for all of them: links, scripts, processes, files, our own data path, virtual
 * servers. Trackers whose configuration did not change live through a reload, and keep what they know.
 */
import type { PairModel, Track, VirtualServerTrack } from '../config/pair-model.ts';
import { sameMeaning } from '../config/same-meaning.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { CommandRunner, ResolveUser } from '../core/command.ts';
import type { FileNumbers } from '../l4/checks/check-services.ts';
import type { Network } from '../netlink/network.ts';
import type { Instance } from '../vrrp/instance.ts';
import type { VrrpJournal } from '../vrrp/journal.ts';
import { type DataPath, DataPathTracker } from '../vrrp/tracking/data-path.ts';
import { FileTracker } from '../vrrp/tracking/file-tracker.ts';
import { comparesArguments, type RunningProcess, readProcesses } from '../vrrp/tracking/process-table.ts';
import { ProcessTracker } from '../vrrp/tracking/process-tracker.ts';
import { ScriptTracker } from '../vrrp/tracking/script-tracker.ts';
import { virtualServerResult } from '../vrrp/tracking/virtual-server-results.ts';

export interface TrackingServices {
  readonly network: Network;
  readonly commands: CommandRunner;
  readonly resolveUser: ResolveUser;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly journal: VrrpJournal;
  /** null: no proxies run here. */
  readonly dataPath: DataPath | null;
  /** As it is now; whoever changes it calls `tellVirtualServers`. null: the file does not name it any more. */
  readonly hasQuorum: (server: VirtualServerTrack) => boolean | null;
}

/** What was read so long ago is still so. */
const SAME_MOMENT_MS = 20;

interface Tracker {
  start(): void;
  stop(): void;
}

interface Running {
  readonly model: unknown;
  readonly tracker: Tracker;
}

export class PairTracking {
  readonly #services: TrackingServices;
  readonly #running = new Map<string, Running>();
  readonly #scripts = new Map<string, boolean>();
  readonly #scriptsRunning = new Set<string>();
  readonly #processes = new Map<string, boolean>();
  readonly #files = new Map<string, number>();
  readonly #fileWatchers = new Set<(name: string, value: number) => void>();
  #dataPaths: readonly DataPathTracker[] = [];
  #instances: readonly Instance[] = [];
  #model: PairModel | null = null;
  #table: { readonly readAtMs: number; readonly processes: readonly RunningProcess[] } | null = null;

  constructor(services: TrackingServices) {
    this.#services = services;
    services.network.onChange((change) => {
      if (change.kind === 'address') {
        for (const instance of this.#instances)
          if (instance.model.interface === change.device) instance.refreshSource();
        return;
      }
      for (const instance of this.#instances) {
        if (instance.model.interface === change.name) instance.followInterface();
        this.#tellLinks(instance);
        if (instance.model.interface === change.name) instance.refreshSource();
      }
    });
  }

  /** What is known, by name. */
  get known() {
    return {
      scripts: this.#scripts,
      scriptsRunning: this.#scriptsRunning,
      processes: this.#processes,
      files: this.#files,
    };
  }

  /** For checks of virtual servers. */
  get fileNumbers(): FileNumbers {
    return {
      watch: (name, changed) => {
        if (this.#model?.trackedFiles.some((one) => one.name === name) !== true) return null;
        const watcher = (changedName: string, value: number): void => {
          if (changedName === name) changed(value);
        };
        this.#fileWatchers.add(watcher);
        const numbers = this.#files;
        return {
          get value() {
            return numbers.get(name) ?? 0;
          },
          stop: () => this.#fileWatchers.delete(watcher),
        };
      },
    };
  }

  /** From now on these instances are told; each of them learns what is known before anything is decided. */
  follow(model: PairModel, instances: readonly Instance[]): void {
    const wanted = new Map<string, { model: unknown; create: () => Tracker }>();
    const { clock, timers, journal, commands, resolveUser, dataPath } = this.#services;
    for (const script of model.scripts) {
      const changed = (up: boolean) => {
        this.#scripts.set(script.name, up);
        this.#tellAll();
      };
      const runs = (now: boolean): void => {
        if (now) this.#scriptsRunning.add(script.name);
        else this.#scriptsRunning.delete(script.name);
      };
      const setup = { script, runner: commands, resolveUser, clock, timers, journal, changed, runs };
      wanted.set(`script ${script.name}`, { model: script, create: () => new ScriptTracker(setup) });
      if (!this.#scripts.has(script.name)) this.#scripts.set(script.name, !script.initFail);
    }
    for (const tracked of model.trackedProcesses) {
      const changed = (up: boolean) => {
        this.#processes.set(tracked.name, up);
        this.#tellAll();
      };
      const setup = { tracked, read: () => this.#readProcesses(), clock, timers, journal, changed };
      wanted.set(`process ${tracked.name}`, { model: tracked, create: () => new ProcessTracker(setup) });
    }
    for (const file of model.trackedFiles) {
      const changed = (value: number) => {
        this.#files.set(file.name, value);
        this.#tellAll();
        for (const watcher of [...this.#fileWatchers]) watcher(file.name, value);
      };
      const create = () => new FileTracker(file, timers, journal, changed);
      wanted.set(`file ${file.name}`, { model: file, create });
    }
    this.#stopDataPaths();
    this.#instances = [];
    this.#model = model;
    this.#table = null;
    for (const [key, { model: before, tracker }] of [...this.#running]) {
      const now = wanted.get(key);
      if (now !== undefined && sameMeaning(now.model, before)) continue;
      tracker.stop();
      this.#running.delete(key);
    }
    for (const [key, { model: meaning, create }] of wanted) {
      if (this.#running.has(key)) continue;
      const tracker = create();
      this.#running.set(key, { model: meaning, tracker });
      tracker.start();
    }
    this.#instances = instances;
    for (const instance of instances) this.#tellLinks(instance);
    this.#tellAll();
    if (dataPath === null) return;
    this.#dataPaths = instances.map(
      (instance) => new DataPathTracker(dataPath, instance.model.tandem, instance, clock, timers),
    );
    for (const tracker of this.#dataPaths) tracker.start();
  }

  tellVirtualServers(): void {
    const { hasQuorum } = this.#services;
    for (const instance of this.#instances)
      for (const track of instance.model.tandem.virtualServers) {
        const now = hasQuorum(track);
        // In the midst of a reload, whose instances are told of what they track before they begin.
        if (now !== null) instance.setResult(virtualServerResult(track, now));
      }
  }

  /** Once for all who look in the same moment. */
  #readProcesses(): readonly RunningProcess[] {
    const nowMs = this.#services.clock.monotonicMs();
    if (this.#table === null || nowMs - this.#table.readAtMs > SAME_MOMENT_MS) {
      const withArguments = this.#model?.trackedProcesses.some(comparesArguments) ?? true;
      this.#table = { readAtMs: nowMs, processes: readProcesses(withArguments) };
    }
    return this.#table.processes;
  }

  stop(): void {
    this.#instances = [];
    this.#stopDataPaths();
    for (const { tracker } of this.#running.values()) tracker.stop();
    this.#running.clear();
  }

  #stopDataPaths(): void {
    for (const tracker of this.#dataPaths) tracker.stop();
    this.#dataPaths = [];
  }

  #tellLinks(instance: Instance): void {
    const { network } = this.#services;
    const { interface: base, dontTrackPrimary, vmac } = instance.model;
    const own = vmac === null ? [base] : [base, vmac.name];
    for (const name of dontTrackPrimary ? [] : own) {
      instance.setResult({ name: `interface ${name} is down`, ok: network.link(name)?.running ?? false, weight: 0 });
    }
    for (const track of this.#tracks(instance, 'trackInterfaces')) {
      const up = network.link(track.name)?.running ?? false;
      const name = `tracked interface ${track.name} is down`;
      const what = `track_interface ${track.name}`;
      instance.setResult({ name, what, ok: up !== track.reverse, weight: track.weight });
    }
  }

  #tellAll(): void {
    for (const instance of this.#instances) {
      this.#tell(instance, 'trackScripts', 'script', this.#scripts);
      this.#tell(instance, 'trackProcesses', 'process', this.#processes);
      for (const { name, weight, reverse } of this.#tracks(instance, 'trackFiles')) {
        const value = this.#files.get(name) ?? 0;
        const what = `track_file ${name}`;
        instance.setValue({ name: `file ${name} says so`, what, value, weight: reverse ? -weight : weight });
      }
    }
  }

  #tell(instance: Instance, kind: 'trackScripts' | 'trackProcesses', word: string, known: Map<string, boolean>): void {
    for (const { name, weight, reverse } of this.#tracks(instance, kind)) {
      const up = known.get(name) ?? true;
      instance.setResult({ name: `${word} ${name} failed`, what: `track_${word} ${name}`, ok: up !== reverse, weight });
    }
  }

  /** Its own and those of its group. */
  #tracks(
    { model }: Instance,
    kind: 'trackInterfaces' | 'trackScripts' | 'trackProcesses' | 'trackFiles',
  ): readonly Track[] {
    const group = this.#model?.syncGroups.find(({ name }) => name === model.syncGroup);
    return group === undefined ? model[kind] : [...model[kind], ...group[kind]];
  }
}
