/** The browser's clock, timers and memory: their one home in the page, as src/core/clock.ts is in the program. */

export function nowMs(): number {
  return performance.now();
}

export function later(delayMs: number, action: () => void): { cancel(): void } {
  const handle = window.setTimeout(action, delayMs);
  return { cancel: () => window.clearTimeout(handle) };
}

/** Some browsers refuse to remember anything. */
export function remembered(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null) window.localStorage.removeItem(key);
    else window.localStorage.setItem(key, value);
  } catch {
    // Then it is forgotten with the page.
  }
}
