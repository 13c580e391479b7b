/** Something that takes its time, asked for again while it runs: then once more afterwards, however often it was. */
export class OneAfterAnother {
  readonly #action: () => Promise<void>;
  #running = false;
  #again = false;

  constructor(action: () => Promise<void>) {
    this.#action = action;
  }

  ask(): void {
    this.#again = true;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#again) {
      this.#again = false;
      await this.#action();
    }
    this.#running = false;
  }
}
