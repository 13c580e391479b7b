/** How often each thing happened in a run: what was accepted, refused by which rule, explained by which difference. */
export class Tally {
  readonly #counts = new Map<string, number>();
  /** The first input of each kind, for a look at what is behind a number. */
  readonly #samples = new Map<string, string>();

  count(what: string, sample?: string): void {
    const before = this.#counts.get(what) ?? 0;
    this.#counts.set(what, before + 1);
    if (sample !== undefined && before === 0) this.#samples.set(what, sample);
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** The most frequent first. */
  entries(): readonly (readonly [what: string, count: number, sample: string | undefined])[] {
    return [...this.#counts]
      .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
      .map(([what, count]) => [what, count, this.#samples.get(what)] as const);
  }
}
