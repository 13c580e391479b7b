#!/usr/bin/env node
/** The program `tandem`: subcommands. HAProxy's own command line is tandem-haproxy.ts. */
import { parseArgs } from 'node:util';
import { HTTP_ADDRESS_HINT, httpAddress } from '../config/http-address.ts';
import { packageVersion } from '../core/package-version.ts';
import { isSetupCommand } from './setup-arguments.ts';
import { isWatchCommand } from './watch-arguments.ts';

const USAGE = `Usage: tandem COMMAND [OPTIONS]

  run    -f FILE…    run the proxies, the pair, or both, in the foreground
  check  -f FILE…    say everything that is wrong with a configuration
  reload -f FILE…    tell the running program to read its files again, and say how that went
  status             both halves at a glance: who owns which address and why, what serves, what does not
  top                what is busiest, live
  logs               log lines for people
  install, uninstall make Tandem a service of systemd, or undo that
  migrate            take this machine from haproxy and keepalived to Tandem, or back
  demo   [-p PORT]   two small web servers, the proxy in front of them, on 127.0.0.1:8080, and the dashboard

  -f FILE            a haproxy.cfg, a keepalived.conf, or a folder of *.cfg files; may be repeated
  --socket PATH      reload: the program's stats socket, instead of the one that the files name; without both: the usual places
  --peer FILE        check: the other node's keepalived.conf, to compare with
  --http ADDR:PORT   run: status, dashboard and metrics there; may be repeated
  --http-admin       run: servers and virtual routers may be changed there
  --no-open          demo: the dashboard is not opened in a browser
  --explain          check: say what will run, line by line, and where each default comes from
  --version, --help

status, top, logs, install, uninstall and migrate have options of their own: tandem status --help

tandem-haproxy takes HAProxy's own command line, tandem-keepalived that of keepalived.
`;

const EXIT_USAGE = 2;

async function main(): Promise<number> {
  const [, , first, ...words] = process.argv;
  if (isWatchCommand(first)) return (await import('./watch.ts')).watchCommand(first, words);
  if (isSetupCommand(first)) return (await import('./setup.ts')).setupCommand(first, words);
  const parsed = parse();
  if (typeof parsed === 'string') return usageError(parsed);
  const { values, positionals } = parsed;
  if (values.version) return print(`tandem ${packageVersion()}\n`);
  if (values.help) return print(USAGE);
  const [command, ...rest] = positionals;
  if (command === undefined) return usageError('which command?');
  const [extra] = rest;
  if (extra !== undefined) return usageError(`what is '${extra}' for? Files go behind -f`);
  const files = values.file ?? [];
  switch (command) {
    case 'run':
      return files.length === 0 ? usageError('run needs -f FILE') : run(files, values.http ?? [], values['http-admin']);
    case 'check':
      return files.length === 0
        ? usageError('check needs -f FILE')
        : (await import('./check.ts')).checkCommand(files, values.peer ?? null, values.explain ?? false);
    case 'reload':
      return (await import('./reload.ts')).reloadCommand(files, values.socket ?? null);
    case 'demo':
      return demo(files, values.port, values['no-open'] !== true);
    default:
      return usageError(`there is no command '${command}'`);
  }
}

async function run(files: readonly string[], http: readonly string[], admin = false): Promise<number> {
  const addresses = http.map(httpAddress);
  const bad = addresses.indexOf(null);
  if (bad >= 0) return usageError(`'${http[bad]}' is no address to listen on: ${HTTP_ADDRESS_HINT}`);
  const web = addresses.flatMap((address) => (address === null ? [] : [{ address, admin }]));
  return (await import('./run.ts')).runCommand(files, web);
}

async function demo(files: readonly string[], port = '8080', opens = true): Promise<number> {
  if (files.length > 0) return usageError('demo has its own configuration');
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535) return usageError(`'${port}' is no port`);
  return (await import('./demo.ts')).demoCommand(number, opens);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        file: { type: 'string', short: 'f', multiple: true },
        peer: { type: 'string' },
        explain: { type: 'boolean' },
        socket: { type: 'string' },
        port: { type: 'string', short: 'p' },
        http: { type: 'string', multiple: true },
        'http-admin': { type: 'boolean' },
        'no-open': { type: 'boolean' },
        version: { type: 'boolean', short: 'v' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function usageError(message: string): number {
  process.stderr.write(`tandem: ${message}\nTry: tandem --help\n`);
  return EXIT_USAGE;
}

// Nothing may keep the process: what has to be finished was waited for.
process.exit(await main());
