/**
 * The form of the stats page: `s` names servers, `b` their backend, `action` what is to become of them. HAProxy's fields, its
 * actions, its outcomes: what a script has sent to it means the same here.
 */
import { serverAt } from '../../admin/commands/server-at.ts';
import type { AdminSide } from '../../daemon/admin-side.ts';
import type { ServerBoard } from '../../daemon/server-board.ts';
import { ADMIN_FORCED_DRAIN, ADMIN_FORCED_MAINT, type ServerRecord } from '../../daemon/server-record.ts';

export type Outcome = 'DONE' | 'PART' | 'NONE' | 'ERRP';

/** Whether something was changed. */
type Action = (board: ServerBoard, record: ServerRecord, side: AdminSide) => boolean | Promise<boolean>;

const admin =
  (wish: 'ready' | 'drain' | 'maint', applies: (record: ServerRecord) => boolean = () => true): Action =>
  (board, record) => {
    if (!applies(record)) return false;
    board.setAdmin(record.plan.index, wish);
    return true;
  };

const checks =
  (of: 'check' | 'agent', enabled: boolean): Action =>
  (board, record) => {
    if (!record[of].configured) return false;
    board.enableCheck(record.plan.index, of, enabled);
    return true;
  };

const health =
  (wish: 'up' | 'down' | 'stopping'): Action =>
  (board, record) => {
    if (record.tracked !== null) return false;
    board.setHealth(record.plan.index, wish);
    return true;
  };

const agent =
  (wish: 'up' | 'down'): Action =>
  (board, record) => {
    if (!record.agent.enabled) return false;
    board.setHealth(record.plan.index, wish, 'agent');
    return true;
  };

const shutdown: Action = async (_board, record, { questions }) => {
  const slash = record.path.indexOf('/');
  await questions.endSessionsOf(record.path.slice(0, slash), record.model.name);
  return true;
};

const isMaint = (record: ServerRecord): boolean => (record.admin & ADMIN_FORCED_MAINT) !== 0;
const isDrained = (record: ServerRecord): boolean => (record.admin & ADMIN_FORCED_DRAIN) !== 0;

const ACTIONS: Readonly<Record<string, Action>> = {
  ready: admin('ready'),
  drain: admin('drain'),
  maint: admin('maint'),
  dhlth: checks('check', false),
  ehlth: checks('check', true),
  hrunn: health('up'),
  hnolb: health('stopping'),
  hdown: health('down'),
  dagent: checks('agent', false),
  eagent: checks('agent', true),
  arunn: agent('up'),
  adown: agent('down'),
  shutdown,
  // As they were called once.
  disable: admin('maint', (record) => !isMaint(record)),
  enable: admin('ready', isMaint),
  stop: admin('drain', (record) => !isDrained(record)),
  start: admin('ready', isDrained),
};

export async function carryOut(side: AdminSide, form: string): Promise<Outcome> {
  const fields = new URLSearchParams(form);
  // Of several the last one counts: the page itself has them at its end.
  const backend = fields.getAll('b').at(-1);
  const word = fields.getAll('action').at(-1);
  const action = word === undefined || !Object.hasOwn(ACTIONS, word) ? undefined : ACTIONS[word];
  if (backend !== undefined && !isBackend(side, backend)) return 'ERRP';
  if (word !== undefined && action === undefined) return 'ERRP';
  if (backend === undefined || action === undefined) return 'NONE';
  let wanted = 0;
  let changed = 0;
  for (const name of fields.getAll('s')) {
    const record = serverAt(side, `${backend}/${name}`);
    const done = typeof record !== 'string' && (await action(side.board, record, side));
    // What makes no sense for a server that is there is passed by.
    if (done || typeof record === 'string') wanted++;
    if (done) changed++;
  }
  if (wanted === 0) return 'NONE';
  if (changed === 0) return 'ERRP';
  return changed === wanted ? 'DONE' : 'PART';
}

function isBackend({ model }: AdminSide, name: string): boolean {
  if (name.includes('/')) return false;
  const id = name.startsWith('#') ? Number.parseInt(name.slice(1), 10) : null;
  return model.proxies.some(
    (proxy) => proxy.kind !== 'frontend' && (id === null ? proxy.name === name : proxy.id === id),
  );
}
