/** `tandem install`, `tandem uninstall`: Tandem as a service of this machine. `tandem migrate` is migrate.ts. */
import { systemTimers } from '../core/clock.ts';
import { SystemCommands } from '../daemon/commands.ts';
import { Box } from '../setup/box.ts';
import { uninstallSteps } from '../setup/install.ts';
import { environmentWith } from './environment.ts';
import { carryOut, filesFor, hindranceOf, install, refuse, say } from './machine-setup.ts';
import { parseSetup, SETUP_USAGE, type SetupCommand } from './setup-arguments.ts';

const EXIT_FINE = 0;
const EXIT_USAGE = 2;
/** Services are asked to end here as well, which may take as long as their last clients do. */
const COMMAND_MS = 120_000;

export async function setupCommand(command: SetupCommand, words: readonly string[]): Promise<number> {
  const args = parseSetup(command, words);
  if (typeof args === 'string') {
    process.stderr.write(`tandem ${command}: ${args}\n\n${SETUP_USAGE[command]}`);
    return EXIT_USAGE;
  }
  if (args.help) {
    say(SETUP_USAGE[command].trimEnd());
    return EXIT_FINE;
  }
  const box = systemBox(args.root);
  if (!args.dryRun && args.root === '' && process.getuid?.() !== 0)
    return refuse('only root can do that; try --dry-run');
  if (command === 'migrate') return (await import('./migrate.ts')).migrateCommand(args, box);
  if (command === 'uninstall' || args.remove) return carryOut(uninstallSteps(box, args.force), args, box);
  const files = filesFor(args, box);
  const hindrance = hindranceOf(files, box);
  if (hindrance !== null) return refuse(hindrance);
  const steps = install(files, args, box);
  const code = await carryOut(steps, args, box);
  if (code === EXIT_FINE && !args.dryRun) say('To start it: systemctl enable --now tandem');
  return code;
}

/** Both streams of a program as one, in its order. */
function systemBox(root: string): Box {
  const commands = new SystemCommands(systemTimers, environmentWith({}));
  return new Box(root, async (argv) => {
    const merged = ['/bin/sh', '-c', 'exec "$@" 2>&1', 'sh', ...argv];
    const { exitCode, how, stdout } = await commands.run(merged, { timeoutMs: COMMAND_MS });
    return { ok: exitCode === 0, output: stdout.trim() === '' && exitCode !== 0 ? how : stdout };
  });
}
