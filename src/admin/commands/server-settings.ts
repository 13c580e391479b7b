/** `set maxconn server`, and cookies that servers get from a key. */
import type { LiveBackend } from '../../daemon/live-servers.ts';
import { requestedMaxconn } from '../../daemon/weight-request.ts';
import type { AdminContext, Command } from '../command.ts';
import { backendAt, serverAt } from './server-at.ts';

export const SET_MAXCONN_SERVER: Command = {
  words: ['set', 'maxconn', 'server'],
  usage: 'set maxconn server <bk>/<srv>',
  about: "change a server's maxconn setting",
  level: 'admin',
  run: async (context, [path, maxconn]) => {
    const record = serverAt(context, path);
    if (typeof record === 'string') return record;
    const wanted = requestedMaxconn(maxconn ?? '');
    if (typeof wanted === 'string') return wanted;
    await context.board.setMaxconn(record, wanted);
    return '';
  },
};

export const ENABLE_DYNAMIC_COOKIE: Command = {
  words: ['enable', 'dynamic-cookie', 'backend'],
  usage: 'enable dynamic-cookie backend <bk>',
  about: 'enable dynamic cookies on a specific backend',
  level: 'admin',
  run: (context, [name]) =>
    atBackend(context, name, async (backend) => {
      await context.board.setDynamicCookies(backend, true, null);
      return '';
    }),
};

export const DISABLE_DYNAMIC_COOKIE: Command = {
  words: ['disable', 'dynamic-cookie', 'backend'],
  usage: 'disable dynamic-cookie backend <bk>',
  about: 'disable dynamic cookies on a specific backend',
  level: 'admin',
  run: (context, [name]) =>
    atBackend(context, name, async (backend) => {
      await context.board.setDynamicCookies(backend, false, null);
      return '';
    }),
};

export const SET_DYNAMIC_COOKIE_KEY: Command = {
  words: ['set', 'dynamic-cookie-key', 'backend'],
  usage: 'set dynamic-cookie-key backend <bk> <k>',
  about: 'change a backend secret key for dynamic cookies',
  level: 'admin',
  run: (context, [name, key = '']) =>
    atBackend(context, name, async (backend) => {
      if (key === '') return 'String value expected.\n';
      await context.board.setDynamicCookies(backend, null, key);
      return '';
    }),
};

async function atBackend(
  context: AdminContext,
  name: string | undefined,
  change: (backend: LiveBackend) => Promise<string>,
): Promise<string> {
  if (name === undefined || name === '') return 'A backend name is expected.\n';
  const backend = backendAt(context, name);
  return backend === null ? 'No such backend.\n' : change(backend);
}
