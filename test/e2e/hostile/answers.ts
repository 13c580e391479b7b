/** What a client got, read as answers to its requests, by strict-http.ts. */
import { type Message, readMessage } from './strict-http.ts';

export type Answer = Message & { kind: 'complete' };

export interface Answers {
  /** Final ones, in order. */
  readonly final: readonly Answer[];
  /** 1xx among them; a 101 is final. */
  readonly interim: number;
  /** What follows the last complete one. */
  readonly rest: string;
  readonly fault: string | undefined;
}

export const statusOf = (answer: Answer): number => Number(answer.startLine.slice(9, 12));

/** `isHead` says of the n-th final answer whether it is one to HEAD. */
export function readAnswers(raw: string, ended: boolean, isHead: (index: number) => boolean): Answers {
  const final: Answer[] = [];
  let interim = 0;
  let rest = raw;
  while (rest !== '') {
    const message = readMessage(rest, false, ended, isHead(final.length));
    if (message.kind === 'fault') return { final, interim, rest, fault: message.what };
    if (message.kind === 'incomplete') break;
    rest = rest.slice(message.end);
    const status = statusOf(message);
    if (status < 200 && status !== 101) interim++;
    else final.push(message);
  }
  return { final, interim, rest, fault: undefined };
}
