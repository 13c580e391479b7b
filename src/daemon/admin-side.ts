/** What the control process lets a stats socket see and do: everything of it in one place. */
import type { Model } from '../config/model.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { BadMessages } from './bad-messages.ts';
import type { Chronicle } from './chronicle.ts';
import type { Frontends } from './frontends.ts';
import type { Inquiries } from './inquiries.ts';
import type { Journal } from './journal.ts';
import type { PairSide } from './pair-side.ts';
import type { ReloadReport } from './reloads.ts';
import type { ServerBoard } from './server-board.ts';
import type { Statistics } from './statistics.ts';
import type { StatsListener } from './stats-sockets.ts';
import type { ProgramView } from './views.ts';
import type { Worker } from './workers.ts';

export interface AdminSide {
  readonly model: Model;
  readonly statistics: Statistics;
  readonly badMessages: BadMessages;
  readonly board: ServerBoard;
  /** null: no keepalived.conf. */
  readonly pair: PairSide | null;
  readonly chronicle: Chronicle;
  /** What only the data threads know. */
  readonly questions: Inquiries;
  readonly frontends: Frontends;
  readonly listeners: readonly StatsListener[];
  /** null: there are no files that could be read again. */
  readonly reload: (() => Promise<ReloadReport>) | null;
  /** What runs, at the moment of asking. */
  readonly program: () => ProgramView;
  /** Its data processes, the current one first. */
  readonly workers: () => readonly Worker[];
  readonly journal: Journal;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Resolves when it is asked to stop, in whatever way: nobody is let in any more. */
  readonly stopping: Promise<void>;
  /** Resolves when it has: who is connected is let go. */
  readonly ended: Promise<unknown>;
}
