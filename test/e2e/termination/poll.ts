/** Waiting for what nobody reports. */

/** What has not happened by then never will. */
export const STEP_MS = 20_000;

export async function poll(what: string, isThere: () => boolean): Promise<void> {
  const until = Date.now() + STEP_MS;
  while (!isThere()) {
    if (Date.now() > until) throw new Error(`${what} never came`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
