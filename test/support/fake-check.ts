/** A check of a real server that says what the test says. */
import type { L4Check } from '../../src/config/l4-model.ts';
import type { CheckHome, CheckState, RunningCheck } from '../../src/l4/check.ts';

export class FakeCheck implements RunningCheck {
  readonly check: L4Check;
  readonly home: CheckHome;
  state: CheckState;
  suspended = false;
  stopped = false;

  constructor(check: L4Check, home: CheckHome, before: CheckState | null) {
    this.check = check;
    this.home = home;
    this.state = before ?? { isUp: !check.timing.alpha, weightChange: 0, why: '', checkedWallMs: null };
  }

  suspend(on: boolean): void {
    this.suspended = on;
  }

  stop(): void {
    this.stopped = true;
  }

  /** An attempt ended so. */
  find(isUp: boolean, why = isUp ? '' : 'connection refused'): void {
    this.state = { isUp, weightChange: 0, why, checkedWallMs: 1 };
    this.home.changed(this.state);
  }
}
