/** The web server of what runs: opened with the program, told of each reload, closed with it. */
import type { PairModel } from '../config/pair-model.ts';
import type { Control } from '../daemon/control.ts';
import type { Journal } from '../daemon/journal.ts';
import type { Pair } from '../daemon/pair.ts';
import type { PairAlone } from '../daemon/pair-alone.ts';
import type { WebAddress } from '../daemon/web-listener.ts';
import { WebSite } from '../web/web-site.ts';

export interface WebParts {
  readonly journal: Journal;
  readonly control: Control | null;
  /** Of the command line. */
  readonly addresses: readonly WebAddress[];
}

export class Web {
  readonly #parts: WebParts;
  readonly #site: WebSite;
  #pair: Pair | null = null;
  #alone: PairAlone | null = null;

  constructor(parts: WebParts) {
    this.#parts = parts;
    const { journal, control } = parts;
    this.#site = new WebSite(() => ({
      proxies: control?.admin ?? this.#alone?.admin ?? null,
      pair: this.#pair,
      journal,
    }));
    if (control !== null) this.#site.serveInside(control.door, (secret) => control.whoAsks(secret));
  }

  /** Whether all that is asked for could be had; what could not was said. `model`: the keepalived.conf, if there is one. */
  listen(model: PairModel | null): boolean {
    const { journal, addresses } = this.#parts;
    const before = this.#site.urls;
    const troubles = this.#site.listen([...addresses, ...(model?.http ?? [])]);
    for (const trouble of troubles) journal.alert(trouble);
    for (const url of this.#site.urls) if (!before.includes(url)) journal.notice(`status and metrics at ${url}`);
    return troubles.length === 0;
  }

  get urls(): readonly string[] {
    return this.#site.urls;
  }

  /** `alone`: what there is to see where no proxies run. */
  follow(pair: Pair, alone: PairAlone | null): void {
    this.#pair = pair;
    this.#alone = alone;
  }

  close(): void {
    this.#site.close();
  }
}
