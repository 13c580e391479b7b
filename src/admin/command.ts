/** What a command of the stats socket is, and what it may use. */
import type { AdminLevel } from '../config/model.ts';
import type { AdminSide } from '../daemon/admin-side.ts';

/** What the other side of a connection has chosen for itself. */
export interface Session {
  level: AdminLevel;
  /** `prompt`: commands follow each other, with `> ` between them. */
  interactive: boolean;
  timeoutMs: number;
  /** No further command is taken. */
  over: boolean;
  /** `expert-mode`, `experimental-mode`: HAProxy asks for them before some commands; none here needs them. */
  expert: boolean;
  experimental: boolean;
}

export interface AdminContext extends AdminSide {
  /** Of the process; what a configuration may refer to. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly help: (words: readonly string[], level: AdminLevel) => string;
}

/** Text, or pieces of a long one, made as they are wanted. A line end follows it in any case. */
export type Answer = string | Iterable<string> | AsyncIterable<string>;

export interface Command {
  /** The words it begins with. */
  readonly words: readonly string[];
  /** As help shows it. */
  readonly usage: string;
  readonly about: string;
  /** Who may not do it is told `Permission denied`. */
  readonly level: AdminLevel;
  /** `args`: the words that follow. */
  readonly run: (context: AdminContext, args: readonly string[], session: Session) => Answer | Promise<Answer>;
}

const RANKS: Readonly<Record<AdminLevel, number>> = { user: 0, operator: 1, admin: 2 };

export function mayRun(level: AdminLevel, needed: AdminLevel): boolean {
  return RANKS[level] >= RANKS[needed];
}
