/** The process's environment: the one place that asks for it. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;

/** A copy with some more in it, for a child. */
export function environmentWith(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...more };
}
