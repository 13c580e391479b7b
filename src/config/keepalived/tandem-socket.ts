/** `socket PATH [mode N] [user U] [group G] [level L]` in `tandem { }`: a stats socket, where there may be no haproxy.cfg to name one. */
import { newBind } from '../haproxy/bind.ts';
import type { AdminLevel, StatsSocket } from '../model.ts';
import type { Statement } from './statement.ts';

/** The kernel's limit of 107, less what is appended while it is made. */
const PATH_BYTES = 97;
const LEVELS: readonly AdminLevel[] = ['user', 'operator', 'admin'];
const OPTIONS = ['mode', 'user', 'group', 'level'] as const;

export function readSocket(s: Statement): StatsSocket | null {
  const path = s.text(1);
  if (!path.startsWith('/') || Buffer.byteLength(path) > PATH_BYTES) {
    s.error(1, 'bad-path', `'${path}' is no path for a socket`, `absolute, at most ${PATH_BYTES} bytes`);
    return null;
  }
  const options = { mode: 0o600, user: null as string | null, group: null as string | null };
  let level: AdminLevel = 'admin';
  for (let at = 2; s.has(at); at += 2) {
    const option = OPTIONS.find((word) => word === s.text(at));
    const value = s.text(at + 1);
    if (option === undefined) {
      s.error(at, 'unknown-keyword', `unknown word '${s.text(at)}'`, `there is ${OPTIONS.join(', ')}`);
      return null;
    }
    if (option === 'mode') {
      if (!/^[0-7]{3,4}$/.test(value)) return wrong(s, at, 'octal digits, like 660');
      options.mode = Number.parseInt(value, 8);
    } else if (option === 'level') {
      const known = LEVELS.find((word) => word === value);
      if (known === undefined) return wrong(s, at, LEVELS.join(', '));
      level = known;
    } else {
      if (value === '') return wrong(s, at, 'a name');
      options[option] = value;
    }
  }
  return { level, bind: { ...newBind(s, [{ family: 'unix', path }]), ...options } };
}

function wrong(s: Statement, at: number, expected: string): null {
  s.error(at + 1, 'bad-value', `'${s.text(at)}' expects ${expected}, not '${s.text(at + 1)}'`);
  return null;
}
