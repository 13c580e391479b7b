/**
 * Which stats socket the running program has, and how it is asked.
 *
 *   --socket PATH  ·  the first one of `-f FILE…` that is a path, those with `level admin` before others  ·  the usual places
 */
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import type { Model } from '../config/model.ts';
import type { Problem } from '../core/problem.ts';
import { loadWhole } from './configuration.ts';

export interface WhichSocket {
  /** null: it is looked for. */
  readonly socket: string | null;
  readonly files: readonly string[];
}

export type SocketChoice =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly message: string };

export const USUAL_PLACES: readonly string[] = [
  '/run/tandem/admin.sock',
  '/run/haproxy/admin.sock',
  '/var/lib/haproxy/stats',
];
const NOT_NAMED = `no 'stats socket PATH level admin' in these files: say which one with --socket PATH, or send SIGHUP to the
program, or ask systemd ('systemctl reload tandem')`;

/** Characters: a status of tens of thousands of servers. */
const ANSWER_MAX = 64 * 1024 * 1024;
/** Of everything that is answered at once. */
export const ANSWER_MS = 10_000;
/** A reload waits for what files name: addresses, scripts. */
export const RELOAD_MS = 600_000;

export function chooseSocket({ socket, files }: WhichSocket, usual = USUAL_PLACES): SocketChoice {
  if (socket !== null) return { ok: true, path: socket };
  if (files.length > 0) return ofFiles(files);
  const there = usual.find(isSocket);
  if (there !== undefined) return { ok: true, path: there };
  const message = `no stats socket at ${usual.join(', ')}: say which one with --socket PATH, or which files with -f FILE`;
  return { ok: false, problems: [], message };
}

function ofFiles(files: readonly string[]): SocketChoice {
  const { model, problems } = loadWhole(files);
  if (model === null) return { ok: false, problems, message: 'these files have errors; --socket PATH needs no files' };
  const path = socketOf(model);
  return path === null ? { ok: false, problems: [], message: NOT_NAMED } : { ok: true, path };
}

function socketOf({ global }: Model): string | null {
  const { sockets } = global.stats;
  const admins = sockets.filter(({ level }) => level === 'admin');
  for (const { bind } of [...admins, ...sockets]) {
    for (const address of bind.addresses) {
      if (address.family === 'unix' && !address.path.startsWith('@')) return address.path;
    }
  }
  return null;
}

function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

/**
 * One line and its answer. Rejects where nobody answers, and where an answer has no end; who says nothing for `silenceMs` is not
 * waited for.
 */
export function ask(path: string, command: string, silenceMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const client = connect({ path, timeout: silenceMs }, () => client.write(`${command}\n`));
    client.setEncoding('utf8');
    client.on('timeout', () => client.destroy(new Error(`no answer within ${silenceMs / 1000} s`)));
    client.on('data', (text: string) => {
      answer += text;
      if (answer.length > ANSWER_MAX) client.destroy(new Error('the answer has no end'));
    });
    client.on('end', () => resolve(answer));
    client.on('error', reject);
  });
}

/** Why nobody answers, for people. */
export function askFailure(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES') return `${path}: permission denied; the socket's mode and group say who may`;
  if (code === 'ENOENT') return `${path}: there is no such socket; does the program run?`;
  if (code === 'ECONNREFUSED') return `${path}: nobody answers; the program does not run any more`;
  return `${path}: ${message}`;
}
