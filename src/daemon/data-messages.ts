/**
 * What comes from the data process is believed as little as what comes from strangers, who may have broken into it: a message that
 * is not one is dropped, a long one is cut, and none can end a line of the journal.
 */
import type { FromData } from '../proxy/messages.ts';
import { readAnswer } from './data-answers.ts';

const MESSAGE_CHARACTERS = 4096;
const LEVELS: ReadonlySet<unknown> = new Set(['info', 'warn', 'error']);

/** null: not a message that a data process sends. */
export function readFromData(received: unknown): FromData | null {
  if (typeof received !== 'object' || received === null) return null;
  const fields: Readonly<Record<string, unknown>> = { ...received };
  const { type, poller, threads, level, message, id } = fields;
  switch (type) {
    case 'ready':
      if (typeof poller !== 'string' || typeof threads !== 'number' || !Number.isSafeInteger(threads)) return null;
      return { type, poller: line(poller), threads };
    case 'answer': {
      const answer = readAnswer(fields['answer']);
      return answer === null || typeof id !== 'number' ? null : { type, id, answer };
    }
    case 'drained':
      return { type };
    case 'log':
      if (!isLevel(level) || typeof message !== 'string') return null;
      return { type, level, message: line(message) };
    case 'failed':
      return typeof message === 'string' ? { type, message: line(message) } : null;
    default:
      return null;
  }
}

function isLevel(level: unknown): level is 'info' | 'warn' | 'error' {
  return LEVELS.has(level);
}

/** The lines of a stack become one. */
function line(text: string): string {
  const cut = text.slice(0, MESSAGE_CHARACTERS);
  return cut.replace(/\n\s*/g, ' | ').replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
}
