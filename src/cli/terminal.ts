/** What can be written to: how wide it is, whether it has colours. */
import type { Paint, Style } from '../admin/text-line.ts';
import { noPaint } from '../admin/text-line.ts';

export interface Terminal {
  readonly isTty: boolean;
  readonly width: number;
  readonly height: number;
  readonly paint: Paint;
}

const CODES: Readonly<Record<Style, string>> = { plain: '0', good: '32', bad: '1;31', warn: '33', dim: '2', head: '1' };
/** Where there is no terminal, nothing is cut. */
const ENDLESS = 1_000_000;

type Environment = Readonly<Record<string, string | undefined>>;

export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** As it is now: windows change. */
export function terminalOf({ isTTY = false, columns = 80, rows = 24 }: Output, env: Environment): Terminal {
  const plain = !isTTY || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return {
    isTty: isTTY,
    width: isTTY ? columns : ENDLESS,
    height: isTTY ? rows : ENDLESS,
    paint: plain ? noPaint : (style, text) => `\x1b[${CODES[style]}m${text}\x1b[0m`,
  };
}
