/**
 * `enable_script_security`: what would run as root is not run when anybody but root could have written it, or anything on
 * the way to it (keepalived's rule). Looked at before each run: files change.
 */
import { realpathSync, type Stats, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { CommandOptions, CommandResult, CommandRunner, Stream, StreamEvents } from '../core/command.ts';

export class SecureCommands implements CommandRunner {
  readonly #commands: CommandRunner;
  readonly #path: string;
  /** As the file says; it may be read again. */
  enabled = true;

  /** `path`: where names are looked for, as in PATH. */
  constructor(commands: CommandRunner, path: string) {
    this.#commands = commands;
    this.#path = path;
  }

  run(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
    const asRoot = this.enabled && (options.uid ?? process.getuid?.() ?? 0) === 0;
    const why = asRoot ? insecurity(argv[0] ?? '', this.#path) : null;
    if (why === null) return this.#commands.run(argv, options);
    return Promise.resolve({ exitCode: null, how: `not run as root: ${why}`, timedOut: false, stdout: '' });
  }

  stream(argv: readonly string[], events: StreamEvents): Stream {
    return this.#commands.stream(argv, events);
  }
}

/** null: only root can have written it. */
export function insecurity(program: string, path: string, stat: (path: string) => Stats = statSync): string | null {
  const found = find(program, path);
  if (found === null) return null;
  let at = found;
  for (;;) {
    const trouble = writableByOthers(at, stat);
    if (trouble !== null) return trouble;
    const above = dirname(at);
    if (above === at) return null;
    at = above;
  }
}

function writableByOthers(path: string, stat: (path: string) => Stats): string | null {
  const { uid, gid, mode } = stat(path);
  if (uid !== 0) return `${path} belongs to another user (enable_script_security)`;
  if ((mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0)) {
    return `${path} is writable by others (enable_script_security)`;
  }
  return null;
}

/** The file behind every symbolic link; null: there is none, which starting it will say. */
function find(program: string, path: string): string | null {
  const places = program.includes('/') ? [program] : path.split(delimiter).map((folder) => join(folder, program));
  for (const place of places) {
    try {
      return realpathSync(place);
    } catch {
      // Not here.
    }
  }
  return null;
}
