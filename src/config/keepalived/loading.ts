/** Everything that is read from the files, before references are resolved and defaults applied. */
import type { KernelEntry, TrackedFile, TrackedProcess } from '../pair-model.ts';
import type { AddressDraft } from './address-line.ts';
import { type GlobalDraft, newGlobalDraft } from './global-draft.ts';
import type { InstanceDraft, SyncGroupDraft } from './instance-draft.ts';
import type { Draft } from './keyword.ts';
import type { VirtualServerGroup } from './l4/group.ts';
import type { VirtualServerDraft } from './l4/virtual-server-draft.ts';
import type { Statement } from './statement.ts';
import type { TandemDraft } from './tandem-block.ts';
import type { ScriptDraft } from './vrrp-script.ts';

/** A thing with a name that others refer to. */
export interface Named<T> {
  readonly statement: Statement;
  readonly value: T;
}

export interface Loading extends Draft {
  readonly global: GlobalDraft;
  readonly instances: InstanceDraft[];
  readonly syncGroups: SyncGroupDraft[];
  readonly scripts: ScriptDraft[];
  readonly processes: Named<TrackedProcess>[];
  readonly files: Named<TrackedFile>[];
  readonly staticAddresses: AddressDraft[];
  readonly staticRoutes: KernelEntry[];
  readonly staticRules: KernelEntry[];
  readonly virtualServers: VirtualServerDraft[];
  readonly virtualServerGroups: VirtualServerGroup[];
  tandem: TandemDraft | null;
}

/** `top` stands for the files as a whole, to have a place to point at. */
export function newLoading(top: Statement): Loading {
  return {
    statement: top,
    said: new Map(),
    global: newGlobalDraft(top),
    instances: [],
    syncGroups: [],
    scripts: [],
    processes: [],
    files: [],
    staticAddresses: [],
    staticRoutes: [],
    staticRules: [],
    virtualServers: [],
    virtualServerGroups: [],
    tandem: null,
  };
}

/** A name that is there already is an error: keepalived leaves the second one out. */
export function isNewName(s: Statement, list: readonly { readonly statement: Statement }[]): boolean {
  const before = list.find(({ statement }) => statement.text(1) === s.text(1));
  if (before === undefined) return true;
  const { file, line } = before.statement.origin;
  const where = file === s.origin.file ? `line ${line}` : `${file}:${line}`;
  s.error(1, 'repeated-name', `there is a ${s.keyword} '${s.text(1)}' in ${where} already`);
  return false;
}
