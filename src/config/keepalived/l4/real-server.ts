/** `real_server IP [PORT] { … }` of a virtual server. */
import type { InetAddress } from '../../../core/address.ts';
import type { Forwarding, L4Check, RealServer } from '../../l4-model.ts';
import type { ScriptCommand, TrackedFile } from '../../pair-model.ts';
import { applyBlock, type Draft, ignored, keywordTable, once, supported, unsupported } from '../keyword.ts';
import { readCommand } from '../script-command.ts';
import type { Statement } from '../statement.ts';
import { readInteger, readIp, readPort, readSwitch } from '../values.ts';
import { type CheckDraft, checkBlocks } from './checker.ts';
import { readForwarding } from './forwarding.ts';
import { httpBlocks } from './http-checker.ts';
import { newTiming, type TimingDraft, timingKeywords } from './timing.ts';

export interface RealServerDraft extends Draft {
  readonly timing: TimingDraft;
  readonly address: InetAddress | null;
  weight: number | null;
  forwarding: Forwarding | null;
  upperThreshold: number;
  lowerThreshold: number;
  inhibits: boolean | null;
  notifyUp: ScriptCommand | null;
  notifyDown: ScriptCommand | null;
  smtpAlert: boolean | null;
  virtualHost: string | null;
  readonly checks: CheckDraft[];
}

/** What the virtual server says for all of its servers. */
export interface RealServerHome {
  readonly timing: TimingDraft;
  readonly weight: number;
  readonly forwarding: Forwarding;
  readonly inhibits: boolean;
  readonly virtualHost: string | null;
  readonly smtpAlert: boolean;
  readonly logAllFailures: boolean;
  readonly files: readonly TrackedFile[];
  /** With direct routing packets keep their port. */
  readonly withPort: (address: InetAddress, forwarding: Forwarding, s: Statement) => InetAddress;
  readonly asUser: (command: ScriptCommand | null) => ScriptCommand | null;
}

export const MOST_WEIGHT = 65_535;
const MOST_CONNECTIONS = 4_294_967_295;

export const REAL_SERVER_KEYWORDS = keywordTable<RealServerDraft>('real_server', 'in real_server', [
  supported('weight', '<number>', 'default 1', (s, real) => {
    real.weight = readInteger(s, 1, 0, MOST_WEIGHT) ?? real.weight;
  }),
  supported('lvs_method', '<NAT|DR> ...', 'default: that of the virtual server', (s, real) => {
    real.forwarding = readForwarding(s) ?? real.forwarding;
  }),
  supported('uthreshold', '<number>', 'connections above which it gets no more', (s, real) => {
    real.upperThreshold = readInteger(s, 1, 0, MOST_CONNECTIONS) ?? real.upperThreshold;
  }),
  supported('lthreshold', '<number>', 'below which it gets them again', (s, real) => {
    real.lowerThreshold = readInteger(s, 1, 0, MOST_CONNECTIONS) ?? real.lowerThreshold;
  }),
  supported('inhibit_on_failure', '[bool]', 'a failure makes its weight 0: connections stay', (s, real) => {
    real.inhibits = readSwitch(s, 1) ?? real.inhibits;
  }),
  once(
    supported('notify_up', '<command> ...', 'when it comes up', (s, real) => {
      real.notifyUp = readCommand(s, true) ?? real.notifyUp;
    }),
  ),
  once(
    supported('notify_down', '<command> ...', 'when it goes down', (s, real) => {
      real.notifyDown = readCommand(s, true) ?? real.notifyDown;
    }),
  ),
  supported('smtp_alert', '[bool]', 'mails about its changes; default on', (s, real) => {
    real.smtpAlert = readSwitch(s, 1) ?? real.smtpAlert;
  }),
  supported('virtualhost', '<name>', 'for HTTP_GET and SSL_GET', (s, real) => {
    real.virtualHost = s.text(1);
  }),
  ...timingKeywords<RealServerDraft>(1).filter(({ word }) => word !== 'log_all_failures'),
  ...checkBlocks<RealServerDraft>((real, check) => real.checks.push(check)),
  ...httpBlocks<RealServerDraft>((real, check) => real.checks.push(check)),
  ...ignored<RealServerDraft>('there is no SNMP', 'snmp_name').map((word) => ({ ...word, usage: '<name>' })),
  ...unsupported<RealServerDraft>('there is no BFD; PING_CHECK asks the server itself', 'BFD_CHECK'),
]);

export function readRealServer(s: Statement): RealServerDraft {
  const ip = readIp(s, 1);
  const port = readPort(s, 2);
  const real: RealServerDraft = {
    ...{ statement: s, said: new Map(), timing: newTiming() },
    address: ip === null || port === null ? null : { ...ip, port },
    ...{ weight: null, forwarding: null, upperThreshold: 0, lowerThreshold: 0, inhibits: null },
    ...{ notifyUp: null, notifyDown: null, smtpAlert: null, virtualHost: null, checks: [] },
  };
  applyBlock(REAL_SERVER_KEYWORDS, s.children, real);
  if (real.upperThreshold > 0 && real.lowerThreshold > real.upperThreshold)
    s.error(0, 'bad-value', 'lthreshold is more than uthreshold: it would never get connections again');
  return real;
}

/** null: something of it was wrong, and reported. */
export function buildRealServer(draft: RealServerDraft, home: RealServerHome): RealServer | null {
  const { address, statement } = draft;
  if (address === null) return null;
  const timings = [draft.timing, home.timing];
  const virtualHost = draft.virtualHost ?? home.virtualHost;
  const { files } = home;
  const forwarding = draft.forwarding ?? home.forwarding;
  const checks = draft.checks.flatMap((check) => check({ timings, address, virtualHost, files }) ?? []);
  return {
    origin: statement.origin,
    address: home.withPort(address, forwarding, statement),
    weight: draft.weight ?? home.weight,
    forwarding,
    upperThreshold: draft.upperThreshold,
    lowerThreshold: draft.lowerThreshold,
    inhibitOnFailure: draft.inhibits ?? home.inhibits,
    alpha: draft.timing.alpha ?? home.timing.alpha ?? false,
    notifyUp: home.asUser(draft.notifyUp),
    notifyDown: home.asUser(draft.notifyDown),
    smtpAlert: draft.smtpAlert ?? home.smtpAlert,
    checks: checks.map((check) => withGlobals(check, home)),
  };
}

function withGlobals(one: L4Check, { asUser, logAllFailures }: RealServerHome): L4Check {
  const timing = { ...one.timing, logAllFailures: one.timing.logAllFailures || logAllFailures };
  const check = { ...one, timing };
  return check.kind === 'misc' ? { ...check, command: asUser(check.command) ?? check.command } : check;
}
