/** Questions to a data process that answers late, wrongly, twice, or never. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type Ask, Questions } from '../../src/daemon/questions.ts';
import type { Answer } from '../../src/proxy/questions.ts';
import { FakeTime } from '../support/fake-time.ts';

const DONE: Answer = { type: 'done', count: 3 };
const NONE: Answer = { type: 'sessions', sessions: [], next: 0 };

let time: FakeTime;
let sent: Ask[];
let hasProcess: boolean;
let questions: Questions;

beforeEach(() => {
  time = new FakeTime();
  sent = [];
  hasProcess = true;
  const send = (message: Ask): boolean => {
    if (hasProcess) sent.push(message);
    return hasProcess;
  };
  questions = new Questions({ timers: time, send });
});

describe('a question', () => {
  it('goes to its thread, and has the answer with its number, whichever comes first', async () => {
    const first = questions.ask(0, { type: 'look' });
    const second = questions.ask(1, { type: 'sessions', before: 0, whole: false });
    expect(sent.map(({ thread, question }) => [thread, question.type])).toEqual([
      [0, 'look'],
      [1, 'sessions'],
    ]);
    const [one, two] = sent.map(({ id }) => id);
    questions.answered(two ?? 0, NONE);
    questions.answered(one ?? 0, DONE);
    expect(await Promise.all([first, second])).toEqual([DONE, NONE]);
  });

  it('has no answer when the thread hangs: an answer that comes then is nobody’s', async () => {
    const asked = questions.ask(0, { type: 'figures' });
    await time.advance(2000);
    expect(await asked).toBeNull();
    questions.answered(sent[0]?.id ?? 0, DONE);
    const next = questions.ask(0, { type: 'look' });
    questions.answered(sent[0]?.id ?? 0, DONE);
    await time.advance(2000);
    expect(await next).toBeNull();
  });

  it('is not answered by an answer to something else, nor by one to a question that nobody asked', async () => {
    const asked = questions.ask(0, { type: 'end-session', serial: 1, request: 1 });
    const id = sent[0]?.id ?? 0;
    questions.answered(id, NONE);
    questions.answered(id + 1, DONE);
    questions.answered(Number.NaN, DONE);
    questions.answered(id, DONE);
    questions.answered(id, { type: 'done', count: 9 });
    expect(await asked).toEqual(DONE);
  });

  it('is lost with the process', async () => {
    const asked = [questions.ask(0, { type: 'look' }), questions.ask(1, { type: 'look' })];
    questions.lost();
    expect(await Promise.all(asked)).toEqual([null, null]);
  });

  it('has no answer where there is no process', async () => {
    hasProcess = false;
    expect(await questions.ask(0, { type: 'look' })).toBeNull();
  });

  it('is not even sent while too many have no answer', async () => {
    const asked = Array.from({ length: 256 }, () => questions.ask(0, { type: 'look' }));
    expect(await questions.ask(0, { type: 'look' })).toBeNull();
    expect(sent.length).toBe(256);
    questions.lost();
    await Promise.all(asked);
    void questions.ask(0, { type: 'look' });
    expect(sent.length).toBe(257);
  });
});
