/**
 * A regular expression over what somebody else sent: some take a time that doubles with each byte of a text that does not match
 * (`(a+)+$`), or grows with its square. Here one ends after a while, as PCRE's do by their match limit, so that nobody who
 * answers a check can hold up what else this process does.
 */
import { createContext, Script } from 'node:vm';

/** Of one text; usual ones take less than a thousandth of it. */
const MATCH_MS = 200;

/** What can go on from one place in several ways; without it the time is that of the text's length. */
const BRANCHES = /[*+?{]/;

const scene = createContext({ expression: /(?:)/, text: '' });
const match = new Script('expression.exec(text)?.index ?? -1');

/** Where it is found, from `lastIndex` on if it is global or sticky; -1: it is not there, null: that cannot be said in time. */
export function indexWithin(expression: RegExp, text: string): number | null {
  if (!BRANCHES.test(expression.source)) return expression.exec(text)?.index ?? -1;
  scene['expression'] = expression;
  scene['text'] = text;
  try {
    return Number(match.runInContext(scene, { timeout: MATCH_MS }));
  } catch {
    return null;
  } finally {
    scene['text'] = '';
  }
}
