/**
 * The election: one virtual router's state machine (RFC 3768 6.4, RFC 5798 6.4, RFC 9568 6.4) as a pure function. It does
 * nothing itself: what is to be done comes out as an ordered list.
 *
 *   transition(config, state, event, now) ─▶ { state, effects }
 *
 * Beyond the RFCs:
 *   - a master that leaves on purpose says priority 0 and serves on until its successor is heard: nothing is lost
 *   - between two Tandems the successor waits with announcing until what is in progress on the old one is finished:
 *
 *       old                                         new
 *        │ ── leaving, advert 0 ──────────────────▶ │  prepares (to a better one that comes: when asked, by `following`)
 *        │ ◀────────────── following, advert ────── │  has the addresses, does not announce them
 *        │ ── leaving, leaving … ─────────────────▶ │  what is new is passed on to it
 *        │ ── done ───────────────────────────────▶ │  announces
 *   - a loser of two masters says a last word, so that the winner announces itself to every client
 *   - who wakes late hands over what has arrived before it decides, and does not take over on stale news
 *
 * Not here: which packets are worth an event (acceptance.ts), sync groups (sync-group.ts), who carries out the effects
 * (instance.ts).
 */
import { masterDownMs, skewMs } from './election-timing.ts';
import type {
  Effect,
  ElectionConfig,
  ElectionEvent,
  ElectionState,
  NotifyState,
  Phase,
  Step,
} from './election-types.ts';
import { compareIps } from './ip-text.ts';
import type { Word } from './packet.ts';

const OWNER = 255;
/** A successor that waits its skew and then has to be scheduled. */
const LEAVE_SLACK_MS = 100;
/** A leaver repeats itself fifteen times as often: one of which nothing is heard any more is not waited for. */
const HOLD_MS = 1500;
/** What the leaver is waited for with, if need be: it serves. */
const PREPARE_MS = 200;
/** Nor one that never comes to an end. */
const HOLD_AT_MOST_MS = 10_000;
/** A worse master that is no Tandem does not answer. Nobody is in need meanwhile: it serves. */
const ASK_MS = 100;
/** Who said that it follows, and has not done so by then, does not. */
const FOLLOWS_WITHIN_MS = 1000;

export function transition(config: ElectionConfig, state: ElectionState, event: ElectionEvent, nowMs: number): Step {
  return new Transition(config, state, nowMs).run(event);
}

/** One step under construction. */
class Transition {
  readonly #config: ElectionConfig;
  readonly #nowMs: number;
  readonly #effects: Effect[] = [];
  #state: ElectionState;

  constructor(config: ElectionConfig, state: ElectionState, nowMs: number) {
    this.#config = config;
    this.#state = state;
    this.#nowMs = nowMs;
  }

  run(event: ElectionEvent): Step {
    switch (event.kind) {
      case 'start':
        if (this.#state.phase === 'init') this.#begin(' (init)');
        break;
      case 'timer':
        this.#timer(event.drained);
        break;
      case 'advert':
        this.#advert(event.source, event.priority, event.intervalCs);
        break;
      case 'word':
        if (this.#config.gentle) this.#word(event.source, event.word);
        break;
      case 'prepared':
        this.#prepared(event.possible);
        break;
      case 'handed-over':
        this.#handedOver();
        break;
      case 'priority':
        this.#changePriority(event.priority);
        break;
      case 'fault':
        this.#fault();
        break;
      case 'recover':
        if (this.#state.phase === 'fault') this.#begin('');
        break;
      case 'follow':
        this.#follow(event.phase);
        break;
      case 'step-aside':
        if (this.#state.phase !== 'master') break;
        this.#set({ returns: true });
        this.#leave(true);
        break;
      case 'stop':
        this.#stop(event.handOver);
        break;
    }
    return { state: this.#state, effects: this.#effects };
  }

  // --- entering phases ------------------------------------------------------------------------------------------------

  /** 5798 6.4.1: the owner becomes master, everybody else listens first. */
  #begin(how: string): void {
    if (this.#state.priority === OWNER && this.#config.heldBack !== true) {
      this.#becomeMaster();
      return;
    }
    this.#set({ phase: 'backup', masterIntervalCs: this.#config.intervalCs, master: null, preemptAtMs: null });
    this.#forgetLeaver();
    this.#set({ follower: null });
    this.#log(`Entering BACKUP STATE${how}`);
    this.#restartMasterDown();
    this.#notify('BACKUP');
  }

  /** 5798 6.4.1 (115), 6.4.2 (370): the advert first, then the addresses, then everybody is told. */
  #becomeMaster(): void {
    if (this.#config.heldBack === true) {
      this.#restartMasterDown();
      return;
    }
    const { intervalCs } = this.#config;
    if (this.#state.leaver?.prepared !== true) this.#forgetLeaver();
    const { leaver } = this.#state;
    this.#set({ phase: 'master', masterIntervalCs: intervalCs, master: null, preemptAtMs: null, listenedAgain: false });
    this.#set({ follower: null, worse: 'none', leaver: leaver && { ...leaver, waitsSinceMs: this.#nowMs } });
    // Before the advert: with that the leaver decides.
    if (leaver !== null) this.#effects.push({ kind: 'send-word', word: 'following' });
    this.#effects.push({ kind: 'send-advert', priority: this.#state.priority });
    if (leaver !== null) this.#effects.push({ kind: 'hold-announcement', forMs: HOLD_MS });
    this.#effects.push({ kind: 'add-addresses' }, { kind: 'announce', reason: 'became-master' });
    this.#log('Entering MASTER STATE');
    if (leaver !== null) this.#log(`${leaver.source} finishes what is open there - announcing after that`);
    this.#deadline(this.#nowMs + intervalCs * 10);
    this.#notify('MASTER');
  }

  /** `to`: who is master now; null: nobody is known to be. */
  #becomeBackup(to: string | null): void {
    if (to === null || !this.#config.lingers) this.#effects.push({ kind: 'release-addresses' });
    else this.#handOver(to);
    this.#forgetLeaver();
    this.#set({ phase: 'backup', preemptAtMs: null, listenedAgain: false, follower: null });
    this.#log('Entering BACKUP STATE');
    this.#restartMasterDown();
    this.#notify('BACKUP');
  }

  // --- time -----------------------------------------------------------------------------------------------------------

  #timer(drained: boolean): void {
    const { deadlineMs, phase } = this.#state;
    if (deadlineMs === null || this.#nowMs < deadlineMs) return;
    const lateMs = this.#nowMs - deadlineMs;
    const late = lateMs > this.#state.masterIntervalCs * 10;
    if (late && !drained && (phase === 'backup' || phase === 'master')) {
      this.#effects.push({ kind: 'drain' });
      return;
    }
    if (phase === 'backup') this.#masterIsSilent(late ? lateMs : 0);
    else if (phase === 'master') this.#advertIsDue(deadlineMs, late ? lateMs : 0);
    else if (phase === 'leaving') {
      // Nobody answered: whoever missed the first word hears this one.
      this.#effects.push({ kind: 'send-advert', priority: 0 });
      this.#left();
    }
  }

  #masterIsSilent(lateMs: number): void {
    if (lateMs > 0 && !this.#state.listenedAgain) {
      // This box slept: what it has not heard says nothing about the master. One more interval tells.
      const { version, downTimerAdverts } = this.#config;
      const { priority, masterIntervalCs } = this.#state;
      this.#set({ listenedAgain: true });
      this.#log(`woke ${lateMs.toFixed(0)} ms late - listening again before taking over`);
      this.#deadline(this.#nowMs + masterDownMs(version, priority, masterIntervalCs, Math.min(1, downTimerAdverts)));
      return;
    }
    if (this.#config.groupReady === false || this.#config.heldBack === true) {
      this.#restartMasterDown();
      this.#set({ wanting: true });
      return;
    }
    const { leaver } = this.#state;
    if (leaver !== null && !leaver.prepared && leaver.waitsSinceMs === null) {
      this.#set({ leaver: { ...leaver, waitsSinceMs: this.#nowMs } });
      this.#deadline(this.#nowMs + PREPARE_MS);
      return;
    }
    if (this.#state.worse === 'heard' && leaver === null && this.#config.gentle) {
      this.#set({ worse: 'asked' });
      this.#effects.push({ kind: 'send-word', word: 'following' });
      this.#deadline(this.#nowMs + ASK_MS);
      return;
    }
    if (this.#state.master !== null) this.#log('Receive advertisement timeout');
    this.#becomeMaster();
  }

  /** From the last deadline, so that small delays do not add up. */
  #advertIsDue(deadlineMs: number, lateMs: number): void {
    const intervalMs = this.#config.intervalCs * 10;
    this.#effects.push({ kind: 'send-advert', priority: this.#state.priority });
    if (lateMs > 0) {
      // Others may have taken over meanwhile, and given it back: clients may be on the wrong box.
      this.#log(`woke ${lateMs.toFixed(0)} ms late - announcing again`);
      this.#effects.push({ kind: 'announce', reason: 'gap' });
    }
    this.#deadline(lateMs > 0 ? this.#nowMs + intervalMs : deadlineMs + intervalMs);
  }

  // --- advertisements -------------------------------------------------------------------------------------------------

  #advert(source: string, priority: number, intervalCs: number): void {
    switch (this.#state.phase) {
      case 'backup':
        this.#backupHears(source, priority, intervalCs);
        break;
      case 'master':
        this.#masterHears(source, priority, intervalCs);
        break;
      case 'leaving':
        if (priority > 0 && !this.#state.handing) this.#leaveTo(source);
        break;
      case 'init':
      case 'fault':
      case 'stopped':
        break;
    }
  }

  /** 5798 6.4.2 (400-450). */
  #backupHears(source: string, priority: number, intervalCs: number): void {
    const { version, preempt, heldBack } = this.#config;
    if (priority === 0) {
      this.#log('Backup received priority 0 advertisement');
      this.#set({ listenedAgain: false, worse: 'none' });
      this.#deadline(this.#nowMs + skewMs(version, this.#state.priority, this.#state.masterIntervalCs));
      return;
    }
    const asGood = priority >= this.#state.priority;
    if (!asGood && preempt && heldBack !== true && !this.#waitsToPreempt(priority)) {
      this.#log(`received lower priority (${priority}) advert from ${source} - discarding`);
      if (this.#state.worse === 'none') this.#set({ worse: 'heard' });
      return;
    }
    if (asGood) this.#set({ preemptAtMs: null });
    // 9568 6.4.2: the timers are the active router's.
    const masterIntervalCs = version === 3 ? intervalCs : this.#config.intervalCs;
    this.#set({ master: { source, priority }, masterIntervalCs, listenedAgain: false });
    this.#forgetLeaver();
    this.#restartMasterDown();
  }

  /** preempt_delay: for a while after it has found itself the better one, it obeys all the same. */
  #waitsToPreempt(priority: number): boolean {
    const { preemptDelayMs } = this.#config;
    if (preemptDelayMs === 0) return false;
    if (this.#state.preemptAtMs === null) {
      this.#log(`start preempt delay (${preemptDelayMs / 1000} s): a master has lower priority ${priority}`);
      this.#set({ preemptAtMs: this.#nowMs + preemptDelayMs });
    }
    return this.#nowMs < (this.#state.preemptAtMs ?? 0);
  }

  /** 5798 6.4.3 (700-750); answering a lower one is 9568 6.4.3 (change 5). */
  #masterHears(source: string, priority: number, intervalCs: number): void {
    const own = this.#state.priority;
    const intervalMs = this.#config.intervalCs * 10;
    if (priority === 0) {
      this.#effects.push({ kind: 'send-advert', priority: own });
      this.#deadline(this.#nowMs + intervalMs);
      return;
    }
    if (priority === OWNER && own === OWNER) this.#effects.push({ kind: 'alarm', alarm: 'two-owners', source });
    if (priority > own || (priority === own && compareIps(source, this.#config.sourceIp) > 0)) {
      this.#log(
        priority > own
          ? `Master received advert from ${source} with higher priority ${priority}, ours ${own}`
          : `Master received advert from ${source} with same priority ${own} but higher IP address than ours`,
      );
      // The winner may not have heard us: this makes it announce, and takes clients off this box.
      if (this.#config.higherPrioSendAdvert && !this.#follows(source))
        this.#effects.push({ kind: 'send-advert', priority: own });
      const masterIntervalCs = this.#config.version === 3 ? intervalCs : this.#config.intervalCs;
      this.#set({ master: { source, priority }, masterIntervalCs });
      this.#becomeBackup(source);
      return;
    }
    this.#log(
      priority < own
        ? `Received advert from ${source} with lower priority ${priority}, ours ${own}, forcing new election`
        : `Received advert from ${source} with same priority ${own} but lower IP address than ours, forcing new election`,
    );
    if (!this.#config.lowerPrioNoAdvert) {
      this.#effects.push({ kind: 'send-advert', priority: own });
      this.#deadline(this.#nowMs + intervalMs);
    }
    // What a leaver said before it heard us is no foreign master's.
    if (source === this.#state.leaver?.source) return;
    this.#effects.push({ kind: 'announce', reason: 'foreign-master' }, { kind: 'notify-heard-lower' });
  }

  // --- another Tandem -------------------------------------------------------------------------------------------------

  #word(source: string, word: Word): void {
    const { phase, leaver, worse } = this.#state;
    if (phase === 'backup') {
      if (word !== 'leaving' || leaver?.source === source) return;
      // Who asked wants to become master now.
      const waitsSinceMs = worse === 'asked' ? this.#nowMs : null;
      this.#set({ leaver: { source, prepared: false, waitsSinceMs } });
      this.#effects.push({ kind: 'prepare-silence' });
      if (waitsSinceMs !== null) this.#deadline(this.#nowMs + PREPARE_MS);
    } else if (word === 'following' && (phase === 'master' || phase === 'leaving')) {
      this.#set({ follower: { source, saidMs: this.#nowMs } });
      if (phase === 'master') this.#effects.push({ kind: 'send-word', word: 'leaving' });
    } else if (phase === 'master' && source === leaver?.source) {
      if (word === 'done') this.#forgetLeaver(true);
      else if (this.#nowMs - (leaver.waitsSinceMs ?? 0) < HOLD_AT_MOST_MS) {
        this.#effects.push({ kind: 'hold-announcement', forMs: HOLD_MS });
      }
    }
  }

  #prepared(possible: boolean): void {
    const { phase, leaver } = this.#state;
    if (phase !== 'backup' || leaver === null) return;
    if (possible) this.#set({ leaver: { ...leaver, prepared: true } });
    else this.#forgetLeaver();
    if (leaver.waitsSinceMs !== null) this.#becomeMaster();
  }

  #forgetLeaver(announce = false): void {
    if (this.#state.leaver === null) return;
    this.#set({ leaver: null });
    this.#effects.push({ kind: 'end-silence', announce });
  }

  #follows(source: string): boolean {
    const { follower } = this.#state;
    return follower?.source === source && this.#nowMs - follower.saidMs <= FOLLOWS_WITHIN_MS;
  }

  #handOver(source: string): void {
    const to = this.#follows(source) ? source : null;
    if (to !== null) this.#log(`new connections go to ${to}, those that are open are finished here`);
    this.#effects.push({ kind: 'hand-over', to });
  }

  /** The successor has spoken. */
  #leaveTo(source: string): void {
    if (!this.#config.lingers) {
      this.#left();
      return;
    }
    this.#set({ handing: true });
    this.#handOver(source);
    this.#deadline(null);
  }

  #handedOver(): void {
    const { phase } = this.#state;
    if (phase === 'leaving') this.#left();
    else if (phase !== 'master' && phase !== 'stopped') this.#effects.push({ kind: 'release-addresses' });
  }

  // --- this box -------------------------------------------------------------------------------------------------------

  #changePriority(priority: number): void {
    const before = this.#state;
    if (priority === before.priority) return;
    this.#log(`Changing effective priority from ${before.priority} to ${priority}`);
    this.#set({ priority });
    if (before.phase !== 'backup' || before.deadlineMs === null) return;
    // The better it is, the sooner it takes over.
    const { version } = this.#config;
    const change =
      skewMs(version, priority, before.masterIntervalCs) - skewMs(version, before.priority, before.masterIntervalCs);
    this.#deadline(before.deadlineMs + change);
  }

  #fault(): void {
    const { phase } = this.#state;
    if (phase === 'fault' || phase === 'leaving' || phase === 'stopped') return;
    if (phase === 'master') this.#giveUp();
    this.#forgetLeaver();
    this.#set({ phase: 'fault', master: null, preemptAtMs: null, listenedAgain: false });
    this.#log('Entering FAULT STATE');
    this.#deadline(null);
    this.#notify('FAULT');
  }

  #follow(phase: 'master' | 'backup'): void {
    if (phase === 'master' && this.#state.phase === 'backup') {
      this.#becomeMaster();
    } else if (phase === 'backup' && this.#state.phase === 'master') {
      this.#effects.push({ kind: 'send-advert', priority: 0 });
      this.#becomeBackup(null);
    }
  }

  #stop(handOver: boolean): void {
    const { phase } = this.#state;
    if (phase === 'stopped') return;
    this.#set({ returns: false });
    if (phase === 'master') this.#leave(handOver);
    else if (phase !== 'leaving') this.#end();
    else if (!handOver) this.#left();
  }

  #leave(handOver: boolean): void {
    const { version, gentle } = this.#config;
    if (handOver && gentle) this.#effects.push({ kind: 'send-word', word: 'leaving' });
    // 5798 6.4.3 (605): priority 0. Releasing can wait until somebody else has the addresses.
    this.#effects.push({ kind: 'send-advert', priority: 0 });
    this.#log('sent 0 priority');
    if (!handOver) {
      this.#left();
      return;
    }
    const longestSkewMs = skewMs(version, 0, this.#state.masterIntervalCs);
    this.#set({ phase: 'leaving', follower: null });
    this.#deadline(this.#nowMs + longestSkewMs + LEAVE_SLACK_MS);
  }

  #left(): void {
    if (this.#state.returns) {
      this.#set({ returns: false, handing: false });
      this.#becomeBackup(null);
      return;
    }
    this.#effects.push({ kind: 'release-addresses' });
    this.#end();
  }

  #end(): void {
    this.#forgetLeaver();
    this.#set({ phase: 'stopped', master: null, handing: false });
    this.#deadline(null);
    this.#notify('STOP');
  }

  /** 5798 6.4.3 (605): a successor need not wait for the timer. */
  #giveUp(): void {
    this.#effects.push({ kind: 'send-advert', priority: 0 }, { kind: 'release-addresses' });
  }

  // --- pieces ---------------------------------------------------------------------------------------------------------

  #restartMasterDown(): void {
    const { version, downTimerAdverts } = this.#config;
    const { priority, masterIntervalCs } = this.#state;
    this.#set({ worse: 'none', wanting: false });
    this.#deadline(this.#nowMs + masterDownMs(version, priority, masterIntervalCs, downTimerAdverts));
  }

  #deadline(atMs: number | null): void {
    this.#set({ deadlineMs: atMs });
    this.#effects.push({ kind: 'timer', atMs });
  }

  #notify(state: NotifyState): void {
    this.#effects.push({ kind: 'notify', state });
  }

  #log(text: string): void {
    this.#effects.push({ kind: 'log', text: `(${this.#config.name}) ${text}` });
  }

  #set(change: Partial<ElectionState> & { readonly phase?: Phase }): void {
    this.#state = { ...this.#state, ...change };
  }
}
