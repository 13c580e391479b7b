/** Texts for `nft -f -`, one after the other in the order in which they were given. */
import type { CommandRunner } from '../core/command.ts';

/** nft talks to the kernel and nobody else. */
const NFT_TIMEOUT_MS = 5000;

export class Nft {
  readonly #commands: CommandRunner;
  #last: Promise<unknown> = Promise.resolve();

  constructor(commands: CommandRunner) {
    this.#commands = commands;
  }

  /** All of it or nothing; null, or how it failed. */
  run(stdin: string): Promise<string | null> {
    const next = this.#last.then(async () => {
      const result = await this.#commands.run(['nft', '-f', '-'], { stdin, timeoutMs: NFT_TIMEOUT_MS });
      return result.exitCode === 0 ? null : result.how;
    });
    this.#last = next;
    return next;
  }
}
