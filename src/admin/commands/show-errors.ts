/**
 * `show errors`: the last bad request of each frontend and the last bad response of each backend, in HAProxy's layout. Its
 * lines about flags and states of its own parser are one line here that says what is wrong.
 */
import type { BadMessage } from '../../daemon/bad-messages.ts';
import type { AdminContext, Command } from '../command.ts';
import { dateText } from '../time-text.ts';

/** What a line of the dump has room for; a longer one goes on in the next, marked with a plus. */
const LINE_WIDTH = 70;
const BACKSLASH = 0x5c;
const LF = 10;

export const SHOW_ERRORS: Command = {
  words: ['show', 'errors'],
  usage: 'show errors [<px>] [request|response]',
  about: 'report last request and/or response errors for each proxy',
  level: 'operator',
  run: (context, args) => {
    const { badMessages, clock, model } = context;
    const [which, direction] = args[0] === 'request' || args[0] === 'response' ? ['-1', args[0]] : args;
    const known = which === undefined || /^-?\d/.test(which) || model.proxies.some(({ name }) => name === which);
    if (!known) return 'No such proxy.\n';
    const wanted = badMessages.all().filter((message) => {
      if (direction === 'request' || direction === 'response') {
        if (message.direction !== direction) return false;
      }
      return which === undefined || concerns(context, message, which);
    });
    return pieces(`Total events captured on [${dateText(clock.wallMs())}] : ${badMessages.count}\n`, context, wanted);
  },
};

function* pieces(header: string, context: AdminContext, messages: readonly BadMessage[]): Iterable<string> {
  yield header;
  for (const message of messages) {
    yield headOf(context, message);
    yield* dump(message.bytes);
  }
}

/** By name or number, of either side. */
function concerns(context: AdminContext, { proxy, otherSide }: BadMessage, which: string): boolean {
  const id = /^-?\d/.test(which) ? Number.parseInt(which, 10) : null;
  if (id !== null && id < 0) return true;
  return [proxy, otherSide].some(
    (name) => name !== null && (id === null ? name === which : idOf(context, name) === id),
  );
}

function headOf(context: AdminContext, message: BadMessage): string {
  const { direction, proxy, otherSide, event, wallMs, bytes, skipped, total, position, reason } = message;
  const side = (name: string | null): string => (name === null ? '<NONE> (#-1)' : `${name} (#${idOf(context, name)})`);
  const mine = direction === 'request' ? 'frontend' : 'backend';
  const other = direction === 'request' ? 'backend' : 'frontend';
  const record = message.server === null ? undefined : context.board.records[message.server];
  const server = record === undefined ? '<NONE> (#-1)' : `${record.model.name} (#${record.model.id})`;
  const bufferBytes = context.model.global.bufferSizeBytes;
  return (
    ` \n[${dateText(wallMs)}] ${mine} ${side(proxy)}: invalid ${direction}\n` +
    `  ${other} ${side(otherSide)}, server ${server}, event #${event}, src ${clientText(message)}\n` +
    `  buffer starts at ${skipped} (including 0 out), ${Math.max(0, bufferBytes - total)} free,\n` +
    `  len ${bytes.length}, wraps at ${bufferBytes}, error at position ${position}\n` +
    `  reason: ${reason} :\n  \n`
  );
}

function idOf({ model }: AdminContext, name: string): number {
  return model.proxies.find((proxy) => proxy.name === name)?.id ?? -1;
}

/** `21/Nov/2026:17:37:46.866`, local time. */

function clientText({ client }: BadMessage): string {
  const { family, bytes, port } = client;
  if (family === 4) return `${bytes.join('.')}:${port}`;
  if (family !== 6) return 'unix:0';
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  return `${shortened(groups)}:${port}`;
}

/** RFC 5952: the longest run of zeros, if it is longer than one, is `::`. */
function shortened(groups: readonly number[]): string {
  const text = groups.map((group) => group.toString(16)).join(':');
  const runs = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length);
  const [run] = runs;
  if (run === undefined) return text;
  const before = text.slice(0, run.index);
  const after = text.slice(run.index + run[0].length);
  return `${before}::${after.replace(/^:/, '')}`;
}

/** HAProxy's: the offset, then what can be printed as it is, and the rest escaped; a new line after each LF. */
function* dump(bytes: Buffer): Iterable<string> {
  for (let at = 0, start = 0; at < bytes.length; ) {
    const from = at;
    let text = '';
    while (at < bytes.length) {
      const byte = bytes[at] as number;
      const piece = escaped(byte);
      if (text.length + piece.length > LINE_WIDTH) break;
      text += piece;
      at++;
      if (byte === LF) break;
    }
    yield `  ${String(from).padStart(5, '0')}${from === start ? '  ' : '+ '}${text}\n`;
    if (bytes[at - 1] === LF) start = at;
  }
}

function escaped(byte: number): string {
  switch (byte) {
    case 9:
      return '\\t';
    case LF:
      return '\\n';
    case 13:
      return '\\r';
    case 27:
      return '\\e';
    case BACKSLASH:
      return '\\\\';
    default:
      return byte >= 32 && byte < 127
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, '0').toUpperCase()}`;
  }
}
