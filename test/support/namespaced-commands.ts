/** Commands that run in a network namespace. */

import { systemTimers } from '../../src/core/clock.ts';
import type { CommandOptions, CommandResult, CommandRunner, Stream, StreamEvents } from '../../src/core/command.ts';
import { SystemCommands } from '../../src/daemon/commands.ts';
import type { Namespace } from './namespaces.ts';

export class NamespacedCommands implements CommandRunner {
  readonly #home: Namespace;
  readonly #commands = new SystemCommands(systemTimers, process.env);

  constructor(home: Namespace) {
    this.#home = home;
  }

  run(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
    return this.#commands.run([...this.#home.exec, ...argv], options);
  }

  stream(argv: readonly string[], events: StreamEvents): Stream {
    return this.#commands.stream([...this.#home.exec, ...argv], events);
  }
}
