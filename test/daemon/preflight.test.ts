import { describe, expect, it } from 'vitest';
import { preflight, threadsOf } from '../../src/daemon/preflight.ts';
import { modelOf } from '../support/model.ts';

const model = (threads: string, bind: string) =>
  modelOf(`global
 ${threads}
defaults
 timeout connect 1s
 timeout client 1s
 timeout server 1s
listen a
 bind 127.0.0.1:80 ${bind}
 server s 127.0.0.1:81
`);

describe('a bind line for threads', () => {
  it.each([
    ['nbthread 2', 'thread 1-2'],
    ['nbthread 2', 'thread 2-4'],
    ['nbthread 1', 'thread odd'],
    ['', 'thread 1'],
  ])('that are there is fine (%s, %s)', async (threads, bind) => {
    expect(await preflight(model(threads, bind), false)).toMatchObject({ ok: true });
  });

  it.each([
    ['nbthread 2', 'thread 3', "'thread 3': there are 2 threads"],
    ['nbthread 1', 'thread even', "'thread 2': there is 1 thread"],
    [
      '',
      'thread 64',
      `'thread 64': there ${threadsOf(model('', '')) === 1 ? 'is 1 thread' : `are ${threadsOf(model('', ''))} threads`}`,
    ],
  ])('of which none is there would be served by nobody (%s, %s)', async (threads, bind, message) => {
    const outcome = await preflight(model(threads, bind), false);
    expect(outcome.ok).toBe(false);
    if (!outcome.ok) expect(outcome.problems).toMatchObject([{ severity: 'error', line: 8, message }]);
  });
});

describe('a unix socket', () => {
  const socket = (path: string) =>
    modelOf(`global\n stats socket ${path}\ndefaults\n timeout client 1s\nlisten a\n bind 127.0.0.1:80\n`);

  it('whose folder is not there is warned about: the start would fail', async () => {
    const outcome = await preflight(socket('/nowhere/at/all.sock'), false);
    expect(outcome.ok && outcome.preflight.problems).toMatchObject([
      { severity: 'warning', line: 2, message: 'there is no folder /nowhere/at for this socket: it cannot be opened' },
    ]);
  });

  it.each(['/tmp/a.sock', 'abns@a', '127.0.0.1:1'])('at %s has one, or needs none', async (path) => {
    expect(await preflight(socket(path), false)).toMatchObject({ ok: true, preflight: { problems: [] } });
  });
});
