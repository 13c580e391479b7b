/**
 * Questions to the threads of one data process, each of which has one answer or none: a thread that hangs gives none, a process
 * that dies takes its answers with it, and one that somebody has broken into may say anything.
 *
 *   ask ─▶ numbered, sent ─▶ the answer with this number ─▶ if it is one to this kind of question
 *                       └─▶ too late, process gone, too many at once: null
 *
 * Not here: the form of answers (data-answers.ts), and what they mean (inquiries.ts).
 */
import type { Timers } from '../core/clock.ts';
import type { ToData } from '../proxy/messages.ts';
import type { Answer, Question } from '../proxy/questions.ts';

/** As long as a thread may hang before its process is replaced. */
const ANSWER_WITHIN_MS = 2000;
/** Without an answer so far. */
const OPEN_MAX = 256;

export type Ask = Extract<ToData, { readonly type: 'ask' }>;

/** The answer that belongs to a question. */
export type AnswerTo<Q extends Question> = Extract<Answer, { readonly type: AnswerType<Q['type']> }>;

type AnswerType<T extends Question['type']> = T extends 'sessions' | 'session'
  ? 'sessions'
  : T extends 'figures'
    ? 'figures'
    : T extends 'descriptors'
      ? 'descriptors'
      : 'done';

const ANSWERS: Readonly<Record<Question['type'], Answer['type']>> = {
  sessions: 'sessions',
  session: 'sessions',
  'end-session': 'done',
  'end-sessions': 'done',
  look: 'done',
  figures: 'figures',
  descriptors: 'descriptors',
};

interface Open {
  readonly expects: Answer['type'];
  readonly settle: (answer: Answer | null) => void;
}

export interface QuestionsSetup {
  readonly timers: Timers;
  /** False: there is no process that could answer. */
  readonly send: (message: Ask) => boolean;
}

export class Questions {
  readonly #setup: QuestionsSetup;
  readonly #open = new Map<number, Open>();
  #last = 0;

  constructor(setup: QuestionsSetup) {
    this.#setup = setup;
  }

  /** null: there is no answer. */
  async ask<Q extends Question>(thread: number, question: Q): Promise<AnswerTo<Q> | null> {
    if (this.#open.size >= OPEN_MAX) return null;
    const id = ++this.#last;
    const answer = await new Promise<Answer | null>((resolve) => {
      const timer = this.#setup.timers.after(ANSWER_WITHIN_MS, () => this.#settle(id, null));
      const settle = (given: Answer | null): void => {
        timer.cancel();
        resolve(given);
      };
      this.#open.set(id, { expects: ANSWERS[question.type], settle });
      if (!this.#setup.send({ type: 'ask', id, thread, question })) this.#settle(id, null);
    });
    // It is of the type that was expected: answered() has looked.
    return answer as AnswerTo<Q> | null;
  }

  /** One that nobody waits for, or that is of another kind, says nothing. */
  answered(id: number, answer: Answer): void {
    if (this.#open.get(id)?.expects === answer.type) this.#settle(id, answer);
  }

  /** The process is gone. */
  lost(): void {
    for (const id of [...this.#open.keys()]) this.#settle(id, null);
  }

  #settle(id: number, answer: Answer | null): void {
    const open = this.#open.get(id);
    this.#open.delete(id);
    open?.settle(answer);
  }
}
