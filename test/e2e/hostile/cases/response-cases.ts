/**
 * Group J: servers that answer badly, or oddly. Each case is followed by requests of three clients, on connections that
 * were kept and on a new one: nobody may get a byte of it who did not ask.
 */
import type { ResponseCase } from '../case.ts';
import { BAD_ANSWERS } from './j-bad-answers.ts';
import { CUT_ANSWERS } from './j-cut-answers.ts';
import { ODD_ANSWERS } from './j-odd-answers.ts';
import { STRAY_ANSWERS } from './j-stray-answers.ts';

export const RESPONSE_CASES: readonly ResponseCase[] = [
  ...ODD_ANSWERS,
  ...BAD_ANSWERS,
  ...STRAY_ANSWERS,
  ...CUT_ANSWERS,
];
