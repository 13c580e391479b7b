/**
 * Parameters of servers that say where their state comes from besides checks: agents, traffic that is observed, another
 * server, the address at the start; and `slowstart`.
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { InitialAddress } from '../model.ts';
import { choiceArgument, integerArgument, timeArgument } from './arguments.ts';
import type { ServerTarget } from './drafts.ts';
import { type Keyword, supported } from './keyword.ts';
import type { Statement } from './statement.ts';

const LAYERS = ['none', 'layer4', 'layer7'] as const;
const REACTIONS = ['fastinter', 'fail-check', 'sudden-death', 'mark-down'] as const;
/** HAProxy has room for so many. */
const MOST_INITIAL_ADDRESSES = 10;

export const SERVER_STATE_PARAMETERS: readonly Keyword<ServerTarget>[] = [
  supported('agent-check', '', 'a program beside the server says how it is; needs `agent-port`', (_s, _at, target) => {
    target.settings.agent.enabled = true;
  }),
  supported('no-agent-check', '', '', (_s, _at, { settings }) => {
    settings.agent.enabled = false;
  }),
  supported('agent-inter', '<time>', 'between questions to the agent, 2 s', (s, at, { settings }) => {
    settings.agent.intervalMs = timeArgument(s, at + 1, 'ms', 1) ?? settings.agent.intervalMs;
  }),
  supported('agent-port', '<port>', '', (s, at, { settings }) => {
    settings.agent.port = integerArgument(s, at + 1, { min: 0, max: 65535 }) ?? 0;
  }),
  supported('agent-addr', '<ip>', '', (s, at, { settings }) => {
    const address = s.text(at + 1);
    if (isIPv4(address) || isIPv6(address)) settings.agent.address = address;
    else s.error(at + 1, 'bad-address', `'${address}' is no IP address`, 'names are not looked up for agents yet');
  }),
  supported('agent-send', '<text>', 'what the agent is told first; end it with \\n', (s, at, { settings }) => {
    settings.agent.send = s.text(at + 1);
  }),
  supported(
    'observe',
    '<none|layer4|layer7>',
    'errors of the traffic count as failed checks',
    (s, at, { settings }) => {
      settings.observation.layer = choiceArgument(s, at + 1, LAYERS) ?? settings.observation.layer;
    },
  ),
  supported('error-limit', '<number>', 'errors in a row that are too many', (s, at, { settings }) => {
    settings.observation.errorLimit = integerArgument(s, at + 1, { min: 1 }) ?? settings.observation.errorLimit;
  }),
  supported('on-error', `<${REACTIONS.join('|')}>`, 'what follows from too many', (s, at, { settings }) => {
    settings.observation.onError = choiceArgument(s, at + 1, REACTIONS) ?? settings.observation.onError;
  }),
  supported('slowstart', '<time>', 'to its whole weight and maxconn once it is up again', (s, at, { settings }) => {
    settings.slowStartS = Math.ceil((timeArgument(s, at + 1) ?? 0) / 1000);
  }),
  supported('track', '<[backend/]server>', 'the state of another server is this one’s', applyTrack),
  supported('init-addr', '<method,...>', '`last`, `libc`, `none`, an IP address', applyInitialAddress),
];

function applyTrack(s: Statement, at: number, { settings }: ServerTarget): void {
  const written = s.text(at + 1);
  const slash = written.lastIndexOf('/');
  settings.track = { proxy: slash < 0 ? null : written.slice(0, slash), server: written.slice(slash + 1) };
}

function applyInitialAddress(s: Statement, at: number, { settings }: ServerTarget): void {
  const methods: InitialAddress[] = [];
  for (const word of s.text(at + 1).split(',')) {
    if (word === 'last' || word === 'libc' || word === 'none') methods.push({ kind: word });
    else if (!isIPv4(word) && !isIPv6(word)) {
      s.error(at + 1, 'bad-value', `'init-addr' does not know '${word}'`, "'last', 'libc', 'none', or an IP address");
      return;
    } else if (methods.some(({ kind }) => kind === 'ip')) {
      s.error(at + 1, 'bad-value', `'init-addr' already has an address, and '${word}' is another one`);
      return;
    } else methods.push({ kind: 'ip', ip: word, family: isIPv4(word) ? 4 : 6 });
  }
  if (methods.length > MOST_INITIAL_ADDRESSES) {
    s.error(at + 1, 'bad-value', `'init-addr' takes at most ${MOST_INITIAL_ADDRESSES} methods`);
    return;
  }
  settings.initialAddress = methods;
}
