/** Data processes as HAProxy's master knows its workers: the current one, and those of older generations. */
import type { AdminSide } from './admin-side.ts';

export interface Worker {
  /** Of its data process. */
  readonly pid: number;
  /** It finishes what its clients began. */
  readonly isOld: boolean;
  /** How often the files were read again since it began. */
  readonly reloads: number;
  readonly upMs: number;
  /** The program as this one runs it. */
  readonly side: () => AdminSide;
}
