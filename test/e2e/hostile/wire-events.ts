/** Waiting for what sockets tell: a condition is looked at again whenever something has come, never by the clock. */
export class Signal {
  #waiting: (() => void)[] = [];

  /** Something has changed. */
  fire(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** True when `condition` holds; false when it does not within that time. */
  until(condition: () => boolean, withinMs: number): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    return new Promise((resolve) => {
      let over = false;
      const timer = setTimeout(() => {
        over = true;
        resolve(condition());
      }, withinMs);
      const look = (): void => {
        if (over) return;
        if (!condition()) {
          this.#waiting.push(look);
          return;
        }
        clearTimeout(timer);
        resolve(true);
      };
      this.#waiting.push(look);
    });
  }
}
