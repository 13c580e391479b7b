/** Everything that a dump shows, gathered at one moment: values only. */
import type { PairModel } from '../../config/pair-model.ts';
import type { Link } from '../../netlink/network.ts';
import type { NotifyState } from '../election-types.ts';
import type { InstanceView } from '../instance-view.ts';
import type { AccountOf } from './words.ts';

export interface PairView {
  readonly model: PairModel;
  readonly instances: readonly InstanceView[];
  /** What each group told last, by its name. */
  readonly groups: ReadonlyMap<string, NotifyState | null>;
  /** What is known of tracked things, by name. */
  readonly scripts: ReadonlyMap<string, boolean>;
  /** Those that run at this moment. */
  readonly scriptsRunning: ReadonlySet<string>;
  readonly processes: ReadonlyMap<string, boolean>;
  readonly files: ReadonlyMap<string, number>;
  readonly links: readonly Link[];
  readonly accountOf: AccountOf;
}
