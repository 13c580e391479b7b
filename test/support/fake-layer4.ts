/** Virtual servers without a kernel and without sockets: what the tables should be is written down, checks say what the test says. */
import type { L4Check } from '../../src/config/l4-model.ts';
import type { Layer4World } from '../../src/daemon/pair-balancer.ts';
import type { CheckHome, CheckState, RunningCheck } from '../../src/l4/check.ts';
import type { CheckServices } from '../../src/l4/checks/check-services.ts';
import type { DestinationFigures, L4Kernel } from '../../src/l4/kernel.ts';
import type { L4Service } from '../../src/l4/service.ts';
import { FakeCheck } from './fake-check.ts';

/** In the order in which it was asked for: `start web:10.0.0.71*1,…`, `follow …`, `stop`, `stop keeping`. */
export class FakeKernel implements L4Kernel {
  readonly asked: string[] = [];
  readonly figures: ReadonlyMap<string, DestinationFigures> = new Map();
  trouble: string | null = null;
  /** What start finds missing. */
  missing: readonly string[] = [];
  services: readonly L4Service[] = [];

  async start(services: readonly L4Service[]): Promise<readonly string[]> {
    this.asked.push(`start ${servicesText(services)}`);
    this.services = services;
    return this.missing;
  }

  follow(services: readonly L4Service[]): void {
    this.asked.push(`follow ${servicesText(services)}`);
    this.services = services;
  }

  /** It takes its time. */
  busy: Promise<void> = Promise.resolve();

  settled(): Promise<void> {
    return this.busy;
  }

  async look(): Promise<void> {}

  async stop(keeps: boolean): Promise<void> {
    this.asked.push(keeps ? 'stop keeping' : 'stop');
    this.services = [];
  }

  /** Since the last time. */
  taken(): string[] {
    return this.asked.splice(0);
  }
}

function servicesText(services: readonly L4Service[]): string {
  const texts = services.map(({ key, destinations }) => {
    const servers = destinations.map(({ address, weight }) => `${address.ip}*${weight}`);
    return `${key}:${servers.join(',')}`;
  });
  return texts.length === 0 ? 'nothing' : texts.join(' ');
}

export class FakeLayer4 implements Layer4World {
  readonly kernel = new FakeKernel();
  readonly checks: FakeCheck[] = [];
  /** Families that were made to forward. */
  readonly forwarded: number[] = [];
  opened = 0;
  hasRules = false;

  openKernel(): L4Kernel {
    this.opened++;
    return this.kernel;
  }

  /** Files that checks look at, and the number in them; null: there is no such file. */
  readonly watched: [string, number | null][] = [];

  beginChecks({ files }: Pick<CheckServices, 'files'>) {
    return (check: L4Check, home: CheckHome, before: CheckState | null): RunningCheck => {
      if (check.kind === 'file') this.watched.push([check.file, files.watch(check.file, () => {})?.value ?? null]);
      const running = new FakeCheck(check, home, before);
      this.checks.push(running);
      return running;
    };
  }

  forward(family: 4 | 6) {
    this.forwarded.push(family);
    return { was: false, trouble: null };
  }

  /** Of the server with this address, that runs. */
  checkOf(ip: string): FakeCheck {
    const found = this.checks.find(({ home, stopped }) => home.address.ip === ip && !stopped);
    if (found === undefined) throw new Error(`nothing checks ${ip}`);
    return found;
  }
}
