/** `show status`: both halves in one, for people or as JSON. */
import type { Command } from '../command.ts';
import { statusJson, statusOf } from '../status.ts';
import { statusLines } from '../status-text.ts';
import { noPaint, renderLines } from '../text-line.ts';

const EVENTS_SHOWN = 10;
const WIDTH = 160;

export const SHOW_STATUS: Command = {
  words: ['show', 'status'],
  usage: 'show status [json]',
  about: 'both halves at a glance: what serves, what does not, and what changed',
  level: 'user',
  run: async (context, [format]) => {
    if (format !== undefined && format !== 'json') return `'show status' takes nothing, or json.\n`;
    await context.pair?.look();
    if (format === 'json') return statusJson(context);
    const lines = statusLines(statusOf(context), { events: EVENTS_SHOWN, allServers: true });
    return renderLines(lines, WIDTH, noPaint);
  },
};
