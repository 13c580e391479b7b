/** `vrrp_script NAME { … }`. */
import type { ScriptCommand } from '../pair-model.ts';
import { type Draft, keywordTable, supported } from './keyword.ts';
import { readCommand } from './script-command.ts';
import { integer } from './setters.ts';
import type { Statement } from './statement.ts';
import { readInteger } from './values.ts';

export interface ScriptDraft extends Draft {
  readonly name: string;
  command: ScriptCommand | null;
  user: string | null;
  group: string | null;
  intervalMs: number | null;
  timeoutMs: number | null;
  weight: number;
  reverse: boolean;
  rise: number | null;
  fall: number | null;
  initFail: boolean;
}

export function newScriptDraft(statement: Statement): ScriptDraft {
  return {
    statement,
    said: new Map(),
    name: statement.text(1),
    command: null,
    user: null,
    group: null,
    intervalMs: null,
    timeoutMs: null,
    weight: 0,
    reverse: false,
    rise: null,
    fall: null,
    initFail: false,
  };
}

const LONG_S = 4294;

export const SCRIPT_KEYWORDS = keywordTable<ScriptDraft>('vrrp_script', 'in vrrp_script', [
  supported('script', '<command> ...', 'in quotes when it has arguments; no shell', (s, script) => {
    script.command = readCommand(s, false);
  }),
  supported('interval', '<seconds>', 'default 1', (s, script) => {
    script.intervalMs = readTime(s, script.intervalMs);
  }),
  supported('timeout', '<seconds>', 'default: the interval', (s, script) => {
    script.timeoutMs = readTime(s, script.timeoutMs);
  }),
  supported('weight', '<number> [reverse]', '-253 to 253; 0, the default: failure is a FAULT', (s, script) => {
    const weight = readInteger(s, 1, -253, 253);
    if (s.has(2) && s.text(2) !== 'reverse') {
      s.error(2, 'unknown-keyword', `unknown word '${s.text(2)}'`, "behind the weight comes 'reverse' or nothing");
    } else if (weight !== null) {
      script.weight = weight;
      script.reverse = s.has(2);
    }
  }),
  integer('rise', 'rise', [1, 2_147_483_647], 'default 1'),
  integer('fall', 'fall', [1, 2_147_483_647], 'default 1'),
  supported('user', '<user> [group]', 'default: script_user', (s, script) => {
    script.user = s.text(1);
    script.group = s.has(2) ? s.text(2) : null;
  }),
  supported('init_fail', '', 'failed until it succeeds', (_s, script) => {
    script.initFail = true;
  }),
]);

/** Whole seconds, at least one. */
function readTime(s: Statement, before: number | null): number | null {
  const seconds = readInteger(s, 1, 1, LONG_S);
  return seconds === null ? before : seconds * 1000;
}
