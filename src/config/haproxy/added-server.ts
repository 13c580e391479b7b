/**
 * `add server <backend>/<server> <address> [parameter …]` on a stats socket: the words of a server line, but for those that
 * HAProxy 2.6 does not take there. What is wrong is said in its words, where it has any. Not here: adding (src/daemon).
 */
import type { Problem } from '../../core/problem.ts';
import type { Server } from '../model.ts';
import { nearestWord } from '../suggest.ts';
import { buildServer } from './build.ts';
import { newServerSettings, type ServerDraft } from './drafts.ts';
import { usageBounds } from './keyword.ts';
import { applyParameters, SERVER_PARAMETERS } from './server.ts';
import { serverAddress } from './server-address.ts';
import { Statement } from './statement.ts';

/** Those that HAProxy has for servers of its configuration only. */
const CONFIGURED_ONLY: ReadonlySet<string> = new Set(
  (
    'cookie init-addr log-proto max-reuse namespace no-agent-check no-check no-check-send-proxy non-stick redir ' +
    'resolve-net resolve-opts resolve-prefer resolvers socks4 stick tcp-ut'
  ).split(' '),
);

export interface AddedServer {
  readonly server: Server;
  /** In maintenance, unless it is `enabled`. */
  readonly arrives: 'asleep' | 'awake';
}

/** Of the backend that it comes to: who is there. */
export interface Neighbours {
  readonly servers: readonly { readonly name: string; readonly id: number }[];
  /** The rules of its checks say to which ports they go. */
  readonly checksHavePorts: boolean;
}

/** A text says what is wrong. `words`: the address, and what follows. */
export function readAddedServer(
  name: string,
  words: readonly string[],
  { servers, checksHavePorts }: Neighbours,
): AddedServer | string {
  const [written = '', ...parameters] = words;
  if (written === '') return "'server' expects <name> and <addr>[:<port>] as arguments.";
  const [bad] = /[^A-Za-z0-9.:_-]/.exec(name) ?? [];
  if (bad !== undefined) return `character '${bad}' is not permitted in server name '${name}'.`;
  const problems: Problem[] = [];
  const line = ['server', name, written, ...parameters].map((text) => ({ text, column: 1 }));
  const statement = new Statement({ file: 'CLI', line: 1 }, line, 'none', problems);
  const address = serverAddress(statement, 2, {});
  if (address === null) return firstOf(problems);
  if (address.kind === 'name') return `'${written}': names of added servers are not looked up; write an address`;
  const refused = refusedParameter(parameters);
  if (refused !== null) return refused;
  const draft: ServerDraft = { statement, name, id: null, address, settings: newServerSettings() };
  applyParameters(statement, 3, { settings: draft.settings, server: draft, siblings: [], env: {} });
  if (problems.some(({ severity }) => severity === 'error')) return firstOf(problems);
  return judge(draft, servers, checksHavePorts) ?? { server: built(draft, servers), arrives: arrivalOf(parameters) };
}

/** What can be said once all of it is known. */
function judge(
  { name, id, address, settings }: ServerDraft,
  servers: Neighbours['servers'],
  checksHavePorts: boolean,
): string | null {
  const { check, agent, track, checkAddressPort } = settings;
  const twin = servers.find((other) => other.id === id);
  if (twin !== undefined) return `'id' : custom id ${id} already used ('server ${twin.name}').`;
  if (check.enabled && track !== null) return 'unable to enable checks and tracking at the same time!';
  if (agent.enabled && agent.port === 0) {
    return `server ${name} does not have agent port. Agent check has been disabled.`;
  }
  if (check.enabled && check.port === null && checkAddressPort === null && address.portFromClient && !checksHavePorts) {
    return `server '${name}' has neither service port nor check port nor tcp_check rule 'connect' with port information.`;
  }
  if (servers.some((other) => other.name === name)) {
    return 'Already exists a server with the same name in backend.';
  }
  return null;
}

/** The first number that is free. */
function built(draft: ServerDraft, servers: Neighbours['servers']): Server {
  const taken = new Set(servers.map(({ id }) => id));
  let id = 1;
  while (taken.has(id)) id++;
  return buildServer(draft, draft.id ?? id);
}

/** The last of the two words counts. */
function arrivalOf(parameters: readonly string[]): 'asleep' | 'awake' {
  return parameters.lastIndexOf('enabled') > parameters.lastIndexOf('disabled') ? 'awake' : 'asleep';
}

function refusedParameter(parameters: readonly string[]): string | null {
  for (let at = 0; at < parameters.length; ) {
    const word = parameters[at] as string;
    const keyword = SERVER_PARAMETERS.keywords.get(word);
    if (keyword === undefined) {
      const near = nearestWord(word, SERVER_PARAMETERS.keywords.keys());
      return near === null ? `unknown keyword '${word}'.` : `unknown keyword '${word}'; did you mean '${near}' maybe ?`;
    }
    if (CONFIGURED_ONLY.has(word)) return `'${word}' option is not accepted for dynamic server`;
    at += 1 + usageBounds(keyword.usage).least;
  }
  return null;
}

function firstOf(problems: readonly Problem[]): string {
  const { message, hint } = problems.find(({ severity }) => severity === 'error') ?? { message: '', hint: undefined };
  return hint === undefined ? message : `${message} (${hint})`;
}
