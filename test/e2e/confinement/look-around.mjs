// Loaded before the data process's program (NODE_OPTIONS=--import): when it is told to (SIGWINCH), it tries from inside what
// somebody who has broken in would try, and writes what came of it as one line of JSON.
import { spawnSync } from 'node:child_process';
import { openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { isMainThread } from 'node:worker_threads';

const outcome = (action) => {
  try {
    return String(action());
  } catch (error) {
    return error.code ?? error.message;
  }
};

if (isMainThread) {
  // Whatever is needed to ask has to be there before files are out of reach.
  const { default: koffi } = await import(process.env.LC_TANDEM_KOFFI);
  const c = koffi.load(null);
  const open = c.func('int open(const char *, int)');
  const socket = c.func('int socket(int, int, int)');
  process.on('SIGWINCH', () => {
    const result = {
      uid: process.getuid(),
      config: outcome(() => readFileSync(process.env.LC_TANDEM_SECRET, 'utf8')),
      passwd: outcome(() => readFileSync('/etc/passwd', 'utf8')),
      status: outcome(() => readFileSync('/proc/self/status', 'utf8')),
      memory: outcome(() => openSync('/proc/self/mem', 'r')),
      folder: outcome(() => readdirSync('/')),
      written: outcome(() => writeFileSync('/tmp/tandem-was-here', 'x')),
      program: outcome(() => spawnSync('/bin/true').error?.code ?? 'ran'),
      libc: open(process.env.LC_TANDEM_SECRET, 0),
      unix: socket(1, 1, 0),
      netlink: socket(16, 3, 0),
      root: outcome(() => process.setuid(0) ?? 'root again'),
      signalled: outcome(() => process.kill(Number(process.env.LC_TANDEM_OTHER), 0)),
      environment: Object.keys(process.env),
    };
    const server = createServer();
    const tell = (listened) => writeSync(2, `look-around ${JSON.stringify({ ...result, listened })}\n`);
    server.on('error', (error) => tell(error.code));
    server.listen(0, '127.0.0.1', () => tell('listens'));
  });
}
