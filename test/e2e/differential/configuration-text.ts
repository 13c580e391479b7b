/**
 * Worlds as one haproxy.cfg, and back from its lines to the worlds.
 *
 * Not here: whether it is accepted (acceptance.ts).
 */
import { frontendAddress, frontendSocket, type Places, serverAddress, serverSocket, WORLDS_AT_MOST } from './places.ts';
import type { ServerSpec, World } from './world.ts';

/** Nothing that ends by itself comes near them; where one has to pass, a world sets a short one. */
const DEFAULTS = `
defaults
  timeout connect 10s
  timeout client 20s
  timeout server 20s
`;

/** A frontend that answers by itself: whoever got that knows that the loop has turned. */
const SETTLE = WORLDS_AT_MOST;

/** What of which world a line is made of. */
export interface LineSource {
  readonly world: number;
  readonly part: 'frontend' | 'backend' | 'servers' | 'frame';
  readonly index: number;
}

export interface ConfigurationText {
  readonly text: string;
  /** Of each line, counted from 1; undefined: of no world. */
  readonly sources: readonly (LineSource | undefined)[];
}

interface Line {
  readonly text: string;
  readonly part: LineSource['part'];
  readonly index: number;
}

function serverLine(places: Places, world: number, index: number, server: ServerSpec): string {
  const address =
    server.kind === 'unix'
      ? `unix@${serverSocket(places, world, index)}`
      : `${serverAddress(world, index)}:${server.kind === 'up' ? places.servers : places.nobody}`;
  const check = server.check === null ? '' : ` check addr ${serverAddress(world, index)} port ${places.checks}`;
  const parameters = server.parameters.map((one) => ` ${one}`).join('');
  return `server s${index} ${address}${check}${parameters}`;
}

const frame = (text: string): Line => ({ text, part: 'frame', index: 0 });
const given = (part: LineSource['part'], texts: readonly string[]): Line[] =>
  texts.map((text, index) => ({ text, part, index }));

/** Lines with words for what is only known here: LOG is the address of the world's log. */
function section(places: Places, world: number, title: string, lines: readonly Line[]): Line[] {
  const known = lines.map((line) => {
    const text = line.text.replaceAll('LOG', `127.0.0.1:${places.logs + world}`).replaceAll('FOLDER', places.folder);
    return { ...line, text: `  ${text}` };
  });
  return [frame(title), ...known];
}

function linesOf(places: Places, number: number, world: World): Line[] {
  const name = `w${number}`;
  const address = world.unixBind
    ? `unix@${frontendSocket(places, number)}`
    : `${frontendAddress(number)}:${places.frontends}`;
  const mode = frame(`mode ${world.mode}`);
  const bind = frame([`bind ${address}`, ...world.bind].join(' '));
  const front = [mode, bind, ...given('frontend', world.frontend)];
  const servers = world.servers.map((server, i) => serverLine(places, number, i, server));
  const back = [...given('backend', world.backend), ...given('servers', servers)];
  if (!world.split) return section(places, number, `listen ${name}`, [...front, ...back]);
  return [
    ...section(places, number, `frontend ${name}`, [...front, frame(`default_backend b${number}`)]),
    // What is checked is logged by the backend.
    ...section(places, number, `backend b${number}`, [mode, frame('log LOG format raw local0'), ...back]),
  ];
}

/** `more`: lines of the global section for one of the programs. */
export function configurationOf(places: Places, worlds: readonly World[], more: readonly string[]): ConfigurationText {
  const global = ['global', 'nbthread 1', 'maxconn 2000', 'hard-stop-after 15s', ...more];
  const lines = [...global, ...DEFAULTS.trim().split('\n')];
  const sources: (LineSource | undefined)[] = [undefined, ...lines.map(() => undefined)];
  for (const [number, world] of worlds.entries()) {
    for (const { text, part, index } of linesOf(places, number, world)) {
      lines.push(text);
      sources.push({ world: number, part, index });
    }
  }
  lines.push('listen settle', '  mode http', `  bind ${frontendAddress(SETTLE)}:${places.frontends}`);
  return { text: `${lines.join('\n')}\n`, sources };
}

export const settleAddress = frontendAddress(SETTLE);
