/**
 * MISC_CHECK: a program says by its exit status whether a server is well; with misc_dynamic its weight, too.
 *
 *   0   up, with the configured weight     1   down     2 to 255   up, with this weight less 2; without misc_dynamic down
 *
 * From start to start; one that takes longer is followed at once by the next.
 */
import type { L4Check } from '../../config/l4-model.ts';
import type { CommandResult } from '../../core/command.ts';
import type { CheckHome } from '../check.ts';
import type { Attempt, Method, Outcome } from './attempt.ts';
import type { CheckServices } from './check-services.ts';
import { judgeUsual } from './judgement.ts';

export type MiscCheck = L4Check & { readonly kind: 'misc' };

/** A status of 2 is a weight of 0. */
const WEIGHT_FROM = 2;

export function miscMethod(check: MiscCheck, home: CheckHome, services: CheckServices): Method {
  const { command, timeoutMs, isDynamic } = check;
  const { timers, commands, resolveUser } = services;
  const name = `Misc check for [${home.server} VS ${home.service}] by [${command.argv[0]}]`;
  const outcomeOf = ({ exitCode, how, timedOut }: CommandResult): Outcome => {
    if (exitCode === 0) return { kind: 'good', why: how };
    if (isDynamic && exitCode !== null && exitCode >= WEIGHT_FROM)
      return { kind: 'good', why: how, weightChange: exitCode - WEIGHT_FROM - home.weight };
    return { kind: 'bad', said: `${name} ${timedOut ? 'timed out' : 'failed'}`, why: how };
  };
  return {
    countsFromStart: true,
    isStrictAtFirst: true,
    judge: judgeUsual,
    succeeded: () => `${name} succeeded.`,
    failed: () => name,
    begin: (end) => {
      const who = resolveUser(command.user, command.group);
      if (typeof who !== 'string') {
        const run = new AbortController();
        void commands.run(command.argv, { ...who, timeoutMs, signal: run.signal }).then((result) => {
          if (!run.signal.aborted) end(outcomeOf(result));
        });
        return { cancel: () => run.abort() };
      }
      const timer = timers.after(0, () => end({ kind: 'bad', said: `${name} failed`, why: who }));
      return { cancel: () => timer.cancel() } satisfies Attempt;
    },
  };
}
