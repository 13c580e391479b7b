/** `reload`: as on HAProxy's master socket, with what there is to say about it. */
import type { Command } from '../command.ts';

export const RELOAD: Command = {
  words: ['reload'],
  usage: 'reload',
  about: 'read the files again: what they say now runs, or nothing changes',
  level: 'admin',
  run: async ({ reload }) => {
    if (reload === null) return 'There is nothing to read again.\n';
    const { ok, lines } = await reload();
    return `Success=${ok ? 1 : 0}\n--\n${lines.map((line) => `${line}\n`).join('')}`;
  },
};
