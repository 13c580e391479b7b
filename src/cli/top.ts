/** `tandem top`: what is busiest, live, and what can be done about it. What is shown is top-view.ts. */
import type { Status } from '../admin/status.ts';
import { renderLine } from '../admin/text-line.ts';
import { systemTimers, type Timer } from '../core/clock.ts';
import { ANSWER_MS, ask, askFailure, chooseSocket, type WhichSocket } from './admin-socket.ts';
import { environment } from './environment.ts';
import { type L4Row, L4Rows } from './l4-rows.ts';
import { EXIT_FAILED, EXIT_FINE, printProblems } from './run.ts';
import { Screen } from './screen.ts';
import { askStatus } from './status-source.ts';
import { terminalOf } from './terminal.ts';
import { FIRST_STATE, pressKey, type TopRow, topLines, topRows } from './top-view.ts';

const EVERY_MS = 1000;

export async function topCommand(which: WhichSocket): Promise<number> {
  if (!process.stdout.isTTY || !process.stdin.isTTY) {
    process.stderr.write("tandem: top needs a terminal; 'tandem status' prints once, with --json for programs\n");
    return EXIT_FAILED;
  }
  const choice = chooseSocket(which);
  if (!choice.ok) {
    printProblems(choice.problems);
    process.stderr.write(`tandem: ${choice.message}\n`);
    return EXIT_FAILED;
  }
  const first = await askStatus(choice.path);
  if (!first.ok) {
    process.stderr.write(`tandem: ${first.message}\n`);
    return EXIT_FAILED;
  }
  await new Top(choice.path, first.status).run();
  return EXIT_FINE;
}

class Top {
  readonly #path: string;
  #state = FIRST_STATE;
  #status: Status;
  #before: Status | null = null;
  #rows: readonly TopRow[] = [];
  readonly #l4 = new L4Rows();
  #real: readonly L4Row[];
  #timer: Timer | null = null;
  #screen: Screen | null = null;
  #quit: () => void = () => {};

  constructor(path: string, status: Status) {
    this.#path = path;
    this.#status = status;
    this.#real = this.#l4.look(status);
    // A keepalived.conf alone has no others.
    if (this.#real.length > 0 && status.proxies.length === 0) this.#state = { ...FIRST_STATE, kind: 'real servers' };
  }

  async run(): Promise<void> {
    const { stdin, stdout } = process;
    const over = new Promise<void>((resolve) => {
      this.#quit = resolve;
    });
    this.#screen = new Screen(
      stdin,
      stdout,
      (key) => this.#key(key),
      () => this.#draw(),
    );
    this.#draw();
    this.#lookLater();
    await over;
    this.#timer?.cancel();
    this.#screen.close();
  }

  #lookLater(): void {
    this.#timer = systemTimers.after(EVERY_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    if (!this.#state.paused) {
      const answer = await askStatus(this.#path);
      if (answer.ok) {
        this.#before = this.#status;
        this.#status = answer.status;
        this.#real = this.#l4.look(answer.status);
      } else this.#state = { ...this.#state, message: answer.message };
      this.#draw();
    }
    this.#lookLater();
  }

  #draw(): void {
    this.#rows = topRows(this.#status, this.#before, this.#state, this.#real);
    const { width, height, paint } = terminalOf(process.stdout, environment);
    const lines = topLines(this.#status, this.#rows, this.#state, height);
    this.#screen?.draw(lines.map((line) => renderLine(line, width, paint)));
  }

  #key(key: string): void {
    const { state, command, quit } = pressKey(this.#state, key, this.#rows);
    this.#state = state;
    if (quit) this.#quit();
    else if (command === null) this.#draw();
    else void this.#change(command);
  }

  async #change(command: string): Promise<void> {
    let message: string;
    try {
      message = (await ask(this.#path, command, ANSWER_MS)).trim() || `done: ${command}`;
    } catch (error) {
      message = askFailure(this.#path, error);
    }
    this.#state = { ...this.#state, message };
    this.#draw();
  }
}
