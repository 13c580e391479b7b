/**
 * `tandem reload`: tells the running program to read its files again, by its stats socket, and says how that went.
 *
 * Which socket: `--socket PATH`, or the first one of the files with `level admin` that is a path.
 */
import { connect } from 'node:net';
import type { Model } from '../config/model.ts';
import { loadWhole } from './configuration.ts';
import { EXIT_FAILED, EXIT_FINE, printProblems } from './run.ts';

const NO_SOCKET = `no 'stats socket PATH level admin' in these files: say which one with --socket PATH, or send SIGHUP to the
program, or ask systemd ('systemctl reload tandem')`;

export async function reloadCommand(files: readonly string[], socket: string | null): Promise<number> {
  let path = socket;
  if (path === null) {
    const { model, problems } = loadWhole(files);
    if (model === null) {
      printProblems(problems);
      return EXIT_FAILED;
    }
    path = adminSocketOf(model);
    if (path === null) {
      process.stderr.write(`tandem: ${NO_SOCKET}\n`);
      return EXIT_FAILED;
    }
  }
  try {
    return tell(await ask(path, 'reload\n'));
  } catch (error) {
    process.stderr.write(`tandem: ${path}: ${error instanceof Error ? error.message : error}\n`);
    return EXIT_FAILED;
  }
}

function adminSocketOf({ global }: Model): string | null {
  for (const { bind, level } of global.stats.sockets) {
    for (const address of bind.addresses) {
      if (level === 'admin' && address.family === 'unix' && !address.path.startsWith('@')) return address.path;
    }
  }
  return null;
}

/** `Success=0|1`, `--`, and what there is to say. */
function tell(answer: string): number {
  const [first = '', , ...lines] = answer.trimEnd().split('\n');
  const succeeded = first === 'Success=1';
  const said = first.startsWith('Success=') ? lines : [answer.trimEnd()];
  for (const line of said) process.stdout.write(`${line}\n`);
  return succeeded ? EXIT_FINE : EXIT_FAILED;
}

function ask(path: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const client = connect(path, () => client.write(command));
    client.setEncoding('utf8');
    client.on('data', (text: string) => {
      answer += text;
    });
    client.on('end', () => resolve(answer));
    client.on('error', reject);
  });
}
