/** Commands that change a frontend: whether it lets clients in, and how many; and how many all of them may let in together. */
import type { AdminContext, Command } from '../command.ts';

type Frontend = NonNullable<ReturnType<AdminContext['frontends']['find']>>;

/** Does something to the frontend that the first word names. */
function atFrontend(
  change: (context: AdminContext, frontend: Frontend, args: readonly string[]) => Promise<string>,
): Command['run'] {
  return async (context, [name, ...rest]) => {
    if (name === undefined || name === '') return 'A frontend name is expected.\n';
    const frontend = context.frontends.find(name);
    return frontend === null ? 'No such frontend.\n' : change(context, frontend, rest);
  };
}

export const DISABLE_FRONTEND: Command = {
  words: ['disable', 'frontend'],
  usage: 'disable frontend <frontend>',
  about: 'temporarily disable specific frontend',
  level: 'admin',
  run: atFrontend(async ({ frontends }, frontend) => {
    const door = frontends.doorOf(frontend);
    if (door === 'shut') return 'Frontend was previously shut down, cannot disable.\n';
    if (door === 'paused') return 'All sockets are already disabled.\n';
    await frontends.pause(frontend);
    return '';
  }),
};

export const ENABLE_FRONTEND: Command = {
  words: ['enable', 'frontend'],
  usage: 'enable frontend <frontend>',
  about: 're-enable specific frontend',
  level: 'admin',
  run: atFrontend(async ({ frontends }, frontend) => {
    const door = frontends.doorOf(frontend);
    if (door === 'shut') return 'Frontend was previously shut down, cannot enable.\n';
    if (door === 'open') return 'All sockets are already enabled.\n';
    const failed = await frontends.resume(frontend);
    return failed === null ? '' : 'Failed to resume frontend, check logs for precise cause (port conflict?).\n';
  }),
};

export const SHUTDOWN_FRONTEND: Command = {
  words: ['shutdown', 'frontend'],
  usage: 'shutdown frontend <frontend>',
  about: 'stop a specific frontend',
  level: 'admin',
  run: atFrontend(async ({ frontends }, frontend) => {
    if (frontends.doorOf(frontend) === 'shut') return 'Frontend was already shut down.\n';
    await frontends.shut(frontend);
    return '';
  }),
};

export const SET_MAXCONN_FRONTEND: Command = {
  words: ['set', 'maxconn', 'frontend'],
  usage: 'set maxconn frontend <frontend> <value>',
  about: "change a frontend's maxconn setting",
  level: 'admin',
  run: atFrontend(async ({ frontends }, frontend, [value]) => {
    if (value === undefined || value === '') return 'Integer value expected.\n';
    const maxconn = numberOf(value);
    if (maxconn < 0 || maxconn > MOST) return 'Value out of range.\n';
    await frontends.setMaxconn(frontend, maxconn);
    return '';
  }),
};

export const SET_MAXCONN_GLOBAL: Command = {
  words: ['set', 'maxconn', 'global'],
  usage: 'set maxconn global <value>',
  about: 'change the per-process maxconn setting',
  level: 'admin',
  run: async ({ frontends, statistics }, [value]) => {
    if (value === undefined || value === '') return 'Expects an integer value.\n';
    const { maxconnAtMost } = statistics.process();
    const maxconn = numberOf(value);
    if (maxconn > maxconnAtMost) return 'Value out of range.\n';
    await frontends.setGlobalMaxconn(maxconn <= 0 ? maxconnAtMost : maxconn);
    return '';
  },
};

/** What the shared memory has room for. */
const MOST = 0x7fff_fffe;

/** As atoi(3) reads it: what is no number is 0. */
function numberOf(text: string): number {
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? 0 : number;
}
