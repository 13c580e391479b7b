/** `show stat`: a table, typed lines or JSON of frontends, servers and backends; all of them or some. */
import type { BackendView, FrontendView } from '../../daemon/views.ts';
import type { AdminContext, Answer, Command } from '../command.ts';
import { type Field, jsonField, typedText } from '../fields.ts';
import { STAT_COLUMNS } from '../stat-columns.ts';
import { backendRow, frontendRow, type StatRow, serverRow } from '../stat-rows.ts';

const TYPE_FRONTEND = 1;
const TYPE_BACKEND = 2;
const TYPE_SERVER = 4;

export interface Filter {
  /** -1: all. */
  readonly proxyId: number;
  readonly types: number;
  /** -1: all. */
  readonly serverId: number;
  readonly hidesMaint: boolean;
  readonly hidesDown: boolean;
}

type Kind = 'F' | 'B' | 'S';

export interface Row {
  readonly kind: Kind;
  readonly proxyId: number;
  readonly id: number;
  readonly values: StatRow;
}

const OBJECT_TYPES: Readonly<Record<Kind, string>> = { F: 'Frontend', B: 'Backend', S: 'Server' };

export const SHOW_STAT: Command = {
  words: ['show', 'stat'],
  usage: 'show stat [desc|json|no-maint|typed|up]*',
  about: 'report counters for each proxy and server',
  level: 'user',
  run: (context, args) => {
    const filter = filterOf(context, args);
    if (filter === null) return 'No such proxy.\n';
    const rows = rowsOf(context, filter);
    if (args.includes('json')) return asJson(rows);
    const described = args.includes('desc');
    return args.includes('typed') ? asTyped(rows, described) : asTable(rows, described);
  },
};

/** `<proxy> <types> <server>`, only if all three are there; null: there is no such proxy. */
function filterOf(context: AdminContext, args: readonly string[]): Filter | null {
  const hidesMaint = args.includes('no-maint');
  const hidesDown = args.includes('up');
  const [proxy, types, server] = args;
  const flags = ['desc', 'json', 'no-maint', 'typed', 'up'];
  if (proxy === undefined || types === undefined || server === undefined || flags.includes(proxy)) {
    return { proxyId: -1, types: -1, serverId: -1, hidesMaint, hidesDown };
  }
  const proxyId = /^-?\d/.test(proxy) ? Number.parseInt(proxy, 10) : idOf(context, proxy);
  if (proxyId === null || proxyId === 0) return null;
  const number = (text: string): number => Number.parseInt(text, 10) || 0;
  return { proxyId, types: number(types), serverId: number(server), hidesMaint, hidesDown };
}

function idOf({ model }: AdminContext, name: string): number | null {
  return model.proxies.find((proxy) => proxy.name === name)?.id ?? null;
}

/** Also for the stats page. */
export function* rowsOf({ statistics }: Pick<AdminContext, 'statistics'>, filter: Filter): Iterable<Row> {
  for (const { frontend, backend } of statistics.proxies(filter.proxyId)) {
    if (frontend !== null && (filter.types & TYPE_FRONTEND) !== 0) yield rowOfFrontend(frontend);
    if (backend === null) continue;
    for (const server of backend.servers) {
      if (!wantsServer(filter, server.id)) continue;
      if (filter.hidesMaint && server.state === 'maint') continue;
      if (filter.hidesDown && (server.state === 'maint' || server.state === 'down')) continue;
      yield { kind: 'S', proxyId: server.proxyId, id: server.id, values: serverRow(server) };
    }
    if ((filter.types & TYPE_BACKEND) !== 0) yield rowOfBackend(backend, filter);
  }
}

function wantsServer({ types, serverId }: Filter, id: number): boolean {
  return (types & TYPE_SERVER) !== 0 && (serverId === -1 || serverId === id);
}

function rowOfFrontend(view: FrontendView): Row {
  return { kind: 'F', proxyId: view.id, id: 0, values: frontendRow(view) };
}

function rowOfBackend(view: BackendView, { hidesMaint, hidesDown }: Filter): Row {
  const running = view.servers.filter(({ state }) => state !== 'maint' && state !== 'down').length;
  const counts = hidesMaint || hidesDown ? ` (${running}/${view.servers.length})` : '';
  return { kind: 'B', proxyId: view.id, id: 0, values: backendRow(view, counts) };
}

/** After `-` nothing is promised, and here nothing follows. */
export function* asTable(rows: Iterable<Row>, described: boolean): Iterable<string> {
  const names = STAT_COLUMNS.map(({ name, description }) => (described ? `${name}:${quoted(description)}` : name));
  yield `# ${names.join(',')},-,\n`;
  for (const { values } of rows) {
    const cells = STAT_COLUMNS.map(({ name }) => csvCell(values[name] ?? ''));
    yield `${cells.join(',')},-,\n`;
  }
}

/** What checks of servers brought may have anything in it. */
function csvCell(value: string | number): string {
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function* asTyped(rows: Iterable<Row>, described: boolean): Iterable<string> {
  for (const row of rows) {
    let text = '';
    for (const field of STAT_COLUMNS) {
      const value = row.values[field.name];
      if (value === undefined) continue;
      const { position, name, type, description } = field;
      text += `${row.kind}.${row.proxyId}.${row.id}.${position}.${name}.1:${typedText(tagsOf(field, row), type, oneLine(value))}`;
      text += described ? `:${quoted(description)}\n` : '\n';
    }
    yield text;
  }
}

export function* asJson(rows: Iterable<Row>): Answer & Iterable<string> {
  let separator = '[';
  for (const row of rows) {
    const fields = STAT_COLUMNS.flatMap((field) => {
      const value = row.values[field.name];
      if (value === undefined) return [];
      const head = { objType: OBJECT_TYPES[row.kind], proxyId: row.proxyId, id: row.id };
      return [{ ...head, ...jsonField(field, tagsOf(field, row), value) }];
    });
    yield `${separator}${JSON.stringify(fields)}`;
    separator = ',';
  }
  yield separator === '[' ? '[]\n' : ']\n';
}

function tagsOf(field: Field, { kind }: Row): string {
  return kind === 'B' ? field.backendTags : field.tags;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function oneLine(value: string | number): string | number {
  return typeof value === 'string' ? value.replace(/[\r\n]+/g, ' ') : value;
}
