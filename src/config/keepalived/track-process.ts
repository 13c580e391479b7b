/** `vrrp_track_process NAME { … }`. */
import type { TrackedProcess } from '../pair-model.ts';
import { type Draft, keywordTable, supported } from './keyword.ts';
import type { Statement } from './statement.ts';
import { readInteger, readSeconds } from './values.ts';

type Values = { -readonly [K in keyof TrackedProcess]: TrackedProcess[K] };

export interface ProcessDraft extends Draft {
  readonly value: Values;
}

export function newProcessDraft(statement: Statement): ProcessDraft {
  const value: Values = {
    origin: statement.origin,
    name: statement.text(1),
    process: [],
    match: 'name',
    parameterMatch: null,
    // 2.2.7: the manual says 1, the program starts from 0.
    weight: 0,
    reverse: false,
    quorum: 1,
    quorumMax: null,
    riseDelayMs: 0,
    fallDelayMs: 0,
  };
  return { statement, said: new Map(), value };
}

const MOST_DELAY_S = 3600;

export const PROCESS_KEYWORDS = keywordTable<ProcessDraft>('vrrp_track_process', 'in vrrp_track_process', [
  supported('process', '<name> ...', 'with arguments: the whole command line has to be that', readProcess),
  supported(
    'param_match',
    '[initial|partial]',
    'partial: the first arguments; initial: the last one may be longer',
    readMatch,
  ),
  supported('full_command', '', 'compares with the command line, not with the name', (_s, { value }) => {
    value.match = 'full-command';
  }),
  supported('weight', '<number> [reverse]', '-254 to 254; 0: failure is a FAULT', readWeight),
  supported('quorum', '<number>', 'default 1: at least so many', (s, { value }) => {
    value.quorum = readInteger(s, 1, 1, 65_535) ?? value.quorum;
  }),
  supported('quorum_max', '<number>', 'at most so many', (s, { value }) => {
    value.quorumMax = readInteger(s, 1, 0, 65_535);
    if (value.quorumMax === 0) value.quorum = 0;
  }),
  supported('delay', '<seconds>', 'both of the following', (s, { value }) => {
    const delayMs = readSeconds(s, 1, 0.000001, MOST_DELAY_S);
    if (delayMs === null) return;
    value.riseDelayMs = delayMs;
    value.fallDelayMs = delayMs;
  }),
  supported(
    'fork_delay',
    '<seconds>',
    'wait after a fork that gains the quorum, or exceeds its maximum',
    (s, { value }) => {
      value.riseDelayMs = readSeconds(s, 1, 0.000001, MOST_DELAY_S) ?? value.riseDelayMs;
    },
  ),
  supported('terminate_delay', '<seconds>', 'wait after an end that loses the quorum', (s, { value }) => {
    value.fallDelayMs = readSeconds(s, 1, 0.000001, MOST_DELAY_S) ?? value.fallDelayMs;
  }),
]);

function readProcess(s: Statement, { value }: ProcessDraft): void {
  value.process = s.words.slice(1).map(({ text }) => text);
  if (value.process.length < 2) return;
  value.match = 'full-command';
  value.parameterMatch ??= 'exact';
}

function readMatch(s: Statement, { value }: ProcessDraft): void {
  const word = s.text(1);
  if (word !== '' && word !== 'initial' && word !== 'partial') {
    s.error(1, 'unknown-keyword', `unknown word '${word}'`, 'initial, partial or nothing');
    return;
  }
  value.parameterMatch = word === '' ? 'exact' : word;
  value.match = 'full-command';
}

function readWeight(s: Statement, { value }: ProcessDraft): void {
  const weight = readInteger(s, 1, -254, 254);
  if (s.has(2) && s.text(2) !== 'reverse') {
    s.error(2, 'unknown-keyword', `unknown word '${s.text(2)}'`, "behind the weight comes 'reverse' or nothing");
  } else if (weight !== null) {
    value.weight = weight;
    value.reverse = s.has(2);
  }
}

/** null: reported. */
export function finishProcess({ statement, value }: ProcessDraft): TrackedProcess | null {
  if (value.process.length === 0) {
    statement.error(0, 'missing-keyword', `vrrp_track_process '${value.name}' names no process`, 'process NAME');
    return null;
  }
  if (value.quorumMax !== null && value.quorumMax < value.quorum) {
    statement.error(0, 'bad-number', `quorum_max of '${value.name}' is less than its quorum`);
    return null;
  }
  return { ...value };
}
