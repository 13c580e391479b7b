/** The status of the running program, from its stats socket. */
import type { Status } from '../admin/status.ts';
import { ANSWER_MS, ask, askFailure } from './admin-socket.ts';

export type StatusAnswer =
  | { readonly ok: true; readonly status: Status; readonly json: string }
  | { readonly ok: false; readonly message: string };

export async function askStatus(path: string, silenceMs = ANSWER_MS): Promise<StatusAnswer> {
  let json: string;
  try {
    json = (await ask(path, 'show status json', silenceMs)).trim();
  } catch (error) {
    return { ok: false, message: askFailure(path, error) };
  }
  const status = statusIn(json);
  if (status !== null) return { ok: true, status, json };
  return { ok: false, message: `${path}: who answers there is no Tandem that has a status: ${firstLine(json)}` };
}

function statusIn(json: string): Status | null {
  try {
    const value = JSON.parse(json) as Partial<Status> | null;
    return isHealth(value?.health) && Array.isArray(value?.proxies) ? (value as Status) : null;
  } catch {
    return null;
  }
}

function isHealth(word: unknown): boolean {
  return word === 'ok' || word === 'warning' || word === 'failed';
}

function firstLine(text: string): string {
  return JSON.stringify(text.split('\n')[0]?.slice(0, 100) ?? '');
}
