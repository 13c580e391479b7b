/**
 * One check: its list of rules, walked over one connection or several, as far as what has arrived allows; then HAProxy's
 * verdict in HAProxy's words.
 *
 *            ┌────────── something arrived, left, ended, failed ──────────┐
 *   start ─▶ walk the rules from the current one ─▶ wait ─────────────────┘
 *                │                                     └─ too long ─▶ L4TOUT, L7TOUT
 *                └─▶ all done, or one that fails ─▶ finding
 *
 * A connection that breaks is only reported where nothing was received: else what was received is judged. Not here: what
 * an expectation makes of it (rule-verdict.ts), words (rule-words.ts), the bytes of requests (http-request.ts).
 */
import type {
  CheckConnect,
  CheckExpect,
  CheckRequest,
  CheckRule,
  CheckSend,
  RuleCheck,
} from '../config/check-model.ts';
import type { Clock, Timer, Timers } from '../core/clock.ts';
import { numberOf, type SampleScene, setVariable, textOf } from './check-samples.ts';
import { CheckSocket } from './check-socket.ts';
import { HttpAnswerReader } from './http-answer.ts';
import { requestBytes } from './http-request.ts';
import { hexBytes, type Patterns } from './patterns.ts';
import { PLAIN_SCENE, type ProbeTarget, type RunningProbe } from './probe.ts';
import type { Finding, ResultCode } from './result.ts';
import { type Evidence, judge, succeed } from './rule-verdict.ts';
import { badTextText, emptyText, placeText, tooLargeText } from './rule-words.ts';
import { INFO_MAX_LENGTH } from './words.ts';

export interface RuleTools {
  readonly timers: Timers;
  readonly clock: Clock;
  readonly patterns: Patterns;
}

/** What a rule comes to: the next one, patience, or the end. */
type Step = 'go' | 'wait' | 'end';

export class RuleRun implements RunningProbe {
  readonly finding: Promise<Finding>;
  readonly #check: RuleCheck;
  readonly #target: ProbeTarget;
  readonly #tools: RuleTools;
  readonly #scene: SampleScene & { received: string | null; answer: SampleScene['answer'] };
  #resolve: (finding: Finding) => void = () => {};
  #done = false;
  /** The rule that is being waited for, and its connection. */
  #at = 0;
  #current: CheckRule | null = null;
  #opened: CheckRule | null = null;
  #sent: CheckRule | null = null;
  #socket: CheckSocket | null = null;
  #timer: Timer | null = null;
  #received = '';
  #reader = new HttpAnswerReader('');
  #mustRead = true;
  #last = false;
  /** check_code: a status, an error number. */
  #code = 0;

  constructor(check: RuleCheck, target: ProbeTarget, tools: RuleTools) {
    const { backend, server } = target.scene ?? PLAIN_SCENE;
    this.#check = check;
    this.#target = target;
    this.#tools = tools;
    this.#scene = { clock: tools.clock, received: null, answer: null, variables: new Map(), backend, server };
    this.finding = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#walk();
  }

  cancel(): void {
    this.#done = true;
    this.#timer?.cancel();
    this.#socket?.close();
  }

  #walk(): void {
    const { rules } = this.#check;
    this.#mustRead = true;
    this.#last = false;
    for (let at = this.#at; at < rules.length; at++) {
      const rule = rules[at];
      if (this.#done || rule === undefined) return;
      this.#code = 0;
      const step = this.#do(rule, at);
      if (step === 'wait') return;
      if (step === 'end') break;
      if (at === rules.length - 1) this.#succeed();
    }
    this.#reportFailure();
  }

  #do(rule: CheckRule, at: number): Step {
    if (rule.kind !== 'set-variable') {
      this.#at = at;
      this.#current = rule;
    }
    switch (rule.kind) {
      case 'set-variable':
        if (rule.value === null) this.#scene.variables.delete(rule.name);
        else setVariable(rule.name, rule.value, this.#sampleScene());
        return 'go';
      case 'connect':
        return this.#connect(rule);
      case 'send':
      case 'request':
        return this.#sent === rule ? this.#flush() : this.#send(rule);
      case 'expect':
        return this.#expect(rule, at);
    }
  }

  #connect(rule: CheckConnect): Step {
    if (this.#opened === rule) return this.#connected();
    const { address, connectTimeoutMs, scene = PLAIN_SCENE } = this.#target;
    this.#socket?.close();
    this.#received = '';
    this.#reader = new HttpAnswerReader('');
    this.#opened = rule;
    this.#socket = new CheckSocket({
      address: this.#placeOf(rule, scene.places.get(rule) ?? address),
      hello: rule.sendProxy || (rule.asServer && scene.sendsProxyHeader) ? scene.proxyHeader : null,
      localAddress: scene.localAddress,
      linger: rule.linger,
      changed: () => this.#walk(),
    });
    this.#arm(connectTimeoutMs);
    return 'wait';
  }

  /** A port that is written as an expression is only known now. */
  #placeOf({ port }: CheckConnect, place: ProbeTarget['address']): ProbeTarget['address'] {
    if (port === null || typeof port === 'number' || place.family === 'unix') return place;
    const number = numberOf(port, this.#sampleScene());
    return number === null || number === 0 ? place : { ...place, port: number };
  }

  #connected(): Step {
    if (this.#socket === null || this.#socket.failure !== null) return 'end';
    if (!this.#socket.connected) return 'wait';
    this.#mustRead = true;
    // Without a time of its own for the answer, the one for the connection is for all of it.
    const { answerTimeoutMs } = this.#target;
    if (answerTimeoutMs !== null) this.#arm(answerTimeoutMs);
    return 'go';
  }

  #arm(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#tools.timers.after(delayMs, () => this.#expire());
  }

  #send(rule: CheckSend | CheckRequest): Step {
    const { bufferBytes } = this.#target.scene ?? PLAIN_SCENE;
    this.#mustRead = true;
    const bytes = rule.kind === 'send' ? this.#bytesOf(rule) : this.#requestOf(rule);
    this.#received = '';
    if (bytes === null) return this.#end('L7RSP', badTextText(rule.step));
    if (bytes.length >= bufferBytes) return this.#end('L7RSP', tooLargeText(bytes.length, bufferBytes, rule.step));
    // A text that comes to nothing is not sent.
    if (bytes.length === 0) return 'go';
    this.#sent = rule;
    this.#socket?.send(bytes);
    return this.#flush();
  }

  #flush(): Step {
    this.#mustRead = true;
    if (this.#socket === null || this.#socket.failure !== null) return 'end';
    return this.#socket.sending ? 'wait' : 'go';
  }

  #bytesOf({ text, hexadecimal }: CheckSend): Buffer | null {
    const words = textOf(text, this.#sampleScene());
    const bytes = hexadecimal ? hexBytes(words) : words;
    return bytes === null ? null : Buffer.from(bytes, 'latin1');
  }

  #requestOf(rule: CheckRequest): Buffer {
    const scene = this.#sampleScene();
    const { method, version } = rule;
    const uri = textOf(rule.uri, scene) || '/';
    const headers = rule.headers.map(({ name, value }) => ({ name, value: textOf(value, scene) }));
    const state = this.#target.stateText?.();
    if (state !== undefined) headers.push({ name: 'X-Haproxy-Server-State', value: state });
    const body = rule.body === null ? null : textOf(rule.body, scene);
    this.#reader = new HttpAnswerReader(method);
    return requestBytes({ method, uri, version, headers: headers.filter(({ value }) => value !== ''), body });
  }

  #expect(rule: CheckExpect, at: number): Step {
    if (this.#mustRead) {
      const step = this.#receive(rule);
      if (step !== 'go') return step;
      this.#mustRead = false;
    }
    const verdict = judge(rule, this.#evidence());
    if (verdict.kind === 'end') return this.#end(verdict.result, verdict.words, verdict.code);
    // Patience goes back to the first of those that must not match: more bytes may bring what none of them wants.
    if (verdict.kind === 'wait') this.#at = this.#headOf(at);
    else this.#code = verdict.code;
    return verdict.kind;
  }

  #receive(rule: CheckExpect): Step {
    const { bufferBytes } = this.#target.scene ?? PLAIN_SCENE;
    const socket = this.#socket;
    if (socket === null) return 'end';
    const chunk = socket.read(bufferBytes - this.#received.length);
    this.#received += chunk.toString('latin1');
    const full = this.#received.length >= bufferBytes;
    const over = socket.ended || socket.failure !== null;
    this.#last = over || full;
    if (this.#received === '' && socket.failure !== null) return 'end';
    if (chunk.length > 0) return 'go';
    if (!over && !full) return 'wait';
    if (this.#received !== '' || this.#check.protocol === 'http') return 'go';
    return this.#end(rule.errorStatus ?? 'L7RSP', emptyText(rule));
  }

  #evidence(): Evidence {
    const { protocol } = this.#check;
    const reading = protocol === 'http' ? this.#reader.read(this.#received, this.#last) : 'more';
    if (typeof reading !== 'string') this.#scene.answer = reading;
    return {
      protocol,
      received: this.#received,
      last: this.#last,
      reading,
      scene: this.#sampleScene(),
      patterns: this.#tools.patterns,
      accepts404: this.#target.accepts404?.() === true,
    };
  }

  /** The first of the expectations in a row from which on some must not match. */
  #headOf(at: number): number {
    const { rules } = this.#check;
    let head = at;
    for (let before = at - 1; before >= 0; before--) {
      const rule = rules[before];
      if (rule?.kind === 'set-variable') continue;
      if (rule?.kind !== 'expect') break;
      if (rule.negate) head = before;
    }
    return head;
  }

  #succeed(): void {
    const rule = this.#current;
    if (rule?.kind === 'expect') {
      const verdict = succeed(rule, this.#code, this.#evidence());
      if (verdict.kind === 'end') this.#end(verdict.result, verdict.words, verdict.code);
    } else if (rule?.kind === 'connect') this.#end('L4OK', rule.step === 0 ? '' : '(tcp-check)');
    else this.#end('L7OK', '(tcp-check)');
  }

  #sampleScene(): SampleScene {
    this.#scene.received = this.#check.protocol === 'http' ? null : this.#received;
    return this.#scene;
  }

  /** The connection broke, unless something was found already. */
  #reportFailure(): void {
    const failure = this.#socket?.failure ?? null;
    if (this.#done || failure === null) return;
    this.#end(this.#socket?.connected === true ? 'SOCKERR' : 'L4CON', failure + this.#place());
  }

  #expire(): void {
    if (this.#done) return;
    if (this.#socket?.connected !== true) this.#end('L4TOUT', this.#place());
    else {
      const rule = this.#current;
      this.#end((rule?.kind === 'expect' ? rule.timeoutStatus : null) ?? 'L7TOUT', this.#place());
    }
  }

  #place(): string {
    return this.#check.protocol === 'tcp' && this.#current !== null ? placeText(this.#current) : '';
  }

  #end(result: ResultCode, words: string, code = 0): Step {
    if (this.#done) return 'end';
    const info = (words.split('\0', 1)[0] ?? '').slice(0, INFO_MAX_LENGTH);
    this.#resolve({ result, status: code, info });
    this.cancel();
    return 'end';
  }
}
