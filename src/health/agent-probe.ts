/** A question to an agent: `agent-send`, if there is one, and a line as its answer. */
import type { Timer, Timers } from '../core/clock.ts';
import { agentLine } from './agent-words.ts';
import { CheckSocket } from './check-socket.ts';
import type { ProbeTarget, RunningProbe } from './probe.ts';
import type { Finding, ResultCode } from './result.ts';

/** What HAProxy would keep of an answer. */
const MAX_BYTES = 16_384;

type Place = Pick<ProbeTarget, 'address' | 'connectTimeoutMs' | 'answerTimeoutMs'>;

/** `heed` makes a finding of the line that an agent says; null: it has not said a whole one. */
export function probeAgent(
  place: Place,
  send: string | null,
  timers: Timers,
  heed: (line: string | null) => Finding,
): RunningProbe {
  const question = new AgentQuestion(place, send, timers, heed);
  return { finding: question.finding, cancel: () => question.cancel() };
}

class AgentQuestion {
  readonly finding: Promise<Finding>;
  readonly #place: Place;
  readonly #send: string | null;
  readonly #timers: Timers;
  readonly #heed: (line: string | null) => Finding;
  readonly #socket: CheckSocket;
  #timer: Timer;
  #asked = false;
  #received = '';
  #done = false;
  #resolve: (finding: Finding) => void = () => {};

  constructor(place: Place, send: string | null, timers: Timers, heed: (line: string | null) => Finding) {
    this.#place = place;
    this.#send = send;
    this.#timers = timers;
    this.#heed = heed;
    this.finding = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = timers.after(place.connectTimeoutMs, () => this.#end(this.#asked ? 'L7TOUT' : 'L4TOUT'));
    this.#socket = new CheckSocket({
      address: place.address,
      hello: null,
      localAddress: null,
      linger: false,
      changed: () => this.#look(),
    });
  }

  cancel(): void {
    this.#done = true;
    this.#timer.cancel();
    this.#socket.close();
  }

  #look(): void {
    if (this.#done) return;
    const socket = this.#socket;
    if (socket.connected && !this.#asked) this.#ask();
    this.#received += socket.read(MAX_BYTES).toString('latin1');
    const line = agentLine(this.#received);
    const isOver = this.#received.includes('\0') || this.#received.length >= MAX_BYTES;
    if (line !== null || isOver || (socket.ended && this.#received !== '')) {
      this.cancel();
      this.#resolve(this.#heed(line));
    } else if (socket.failure !== null) this.#end(this.#asked ? 'SOCKERR' : 'L4CON', socket.failure);
    else if (socket.ended) this.#end('L7RSP', 'TCPCHK got an empty response at step 2');
  }

  /** The deadline for the answer takes over from the one for the connection. */
  #ask(): void {
    this.#asked = true;
    if (this.#send !== null && this.#send !== '') this.#socket.send(Buffer.from(this.#send));
    const { answerTimeoutMs } = this.#place;
    if (answerTimeoutMs === null) return;
    this.#timer.cancel();
    this.#timer = this.#timers.after(answerTimeoutMs, () => this.#end('L7TOUT'));
  }

  #end(result: ResultCode, info = ''): void {
    if (this.#done) return;
    this.cancel();
    this.#resolve({ result, status: 0, info });
  }
}
