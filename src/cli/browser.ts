/** Opens a page in somebody's browser, where there is one: at a desk, never in CI, over SSH or in a pipe. */
import { startAndForget } from '../daemon/spawn.ts';

export interface Desk {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A person reads what is written. */
  readonly isTerminal: boolean;
}

export function hasDesktop({ environment, isTerminal }: Desk): boolean {
  const set = (name: string): boolean => (environment[name] ?? '') !== '';
  return isTerminal && !set('CI') && !set('SSH_CONNECTION') && (set('DISPLAY') || set('WAYLAND_DISPLAY'));
}

export function openInBrowser(url: string, environment: NodeJS.ProcessEnv): void {
  startAndForget(['xdg-open', url], environment);
}
