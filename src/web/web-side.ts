/** What the web server sees of the running program: either half of it may be missing. */
import type { AdminSide } from '../daemon/admin-side.ts';
import type { Journal } from '../daemon/journal.ts';
import type { Pair } from '../daemon/pair.ts';

export interface WebSide {
  /** All of the program, also of a pair alone; null: it is about to start. */
  readonly proxies: AdminSide | null;
  /** null: no keepalived.conf. */
  readonly pair: Pair | null;
  readonly journal: Journal;
}
