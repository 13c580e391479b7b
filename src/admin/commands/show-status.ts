/** `show status`: both halves in one, for people or as JSON. */
import type { Command } from '../command.ts';
import { statusOf } from '../status.ts';
import { statusLines } from '../status-text.ts';
import { noPaint, renderLine } from '../text-line.ts';

const EVENTS_SHOWN = 10;
const WIDTH = 160;

export const SHOW_STATUS: Command = {
  words: ['show', 'status'],
  usage: 'show status [json]',
  about: 'both halves at a glance: what serves, what does not, and what changed',
  level: 'user',
  run: (context, [format]) => {
    if (format !== undefined && format !== 'json') return `'show status' takes nothing, or json.\n`;
    const status = statusOf(context);
    if (format === 'json') return `${JSON.stringify(status)}\n`;
    const lines = statusLines(status, { events: EVENTS_SHOWN, allServers: true });
    return lines.map((line) => `${renderLine(line, WIDTH, noPaint).trimEnd()}\n`).join('');
  },
};
