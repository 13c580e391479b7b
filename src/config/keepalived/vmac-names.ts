/** Names of macvlans: as written, or `vrrp.VRID`, `vrrp6.VRID`, `vrrp.VRID.1` … whichever is free. */
import type { IpFamily } from '../pair-model.ts';

export class VmacNames {
  readonly #prefix: string;
  readonly #taken = new Set<string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  take(written: string | null, vrid: number, family: IpFamily): string {
    const name = written ?? this.#free(vrid, family);
    this.#taken.add(name);
    return name;
  }

  #free(vrid: number, family: IpFamily): string {
    const candidates = [`${this.#prefix}.${vrid}`, ...(family === 6 ? [`${this.#prefix}6.${vrid}`] : [])];
    for (const name of candidates) if (!this.#taken.has(name)) return name;
    for (let number = 1; ; number++) {
      const name = `${this.#prefix}.${vrid}.${number}`;
      if (!this.#taken.has(name)) return name;
    }
  }
}
