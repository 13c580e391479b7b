/** Rules of a proxy while it is being read. Not here: reading them (rules.ts, acl-condition.ts). */
import type { Acl, AclTest, Condition, PersistRule } from '../acl-model.ts';
import type { Statement } from './statement.ts';

/** Still growing. */
export interface AclDraft extends Acl {
  readonly tests: AclTest[];
}

interface ServerRuleDraft {
  readonly statement: Statement;
  readonly server: string;
  readonly condition: Condition;
}

export interface RulesDraft {
  readonly acls: AclDraft[];
  readonly servers: ServerRuleDraft[];
  readonly persistence: PersistRule[];
}

export function newRules(): RulesDraft {
  return { acls: [], servers: [], persistence: [] };
}
