#!/usr/bin/env node
/** The program `tandem-haproxy`: HAProxy's own command line, so that only a path has to change in a unit file. */
import { parseHaproxyArguments } from './haproxy-arguments.ts';
import { HAPROXY_USAGE, versionText } from './haproxy-usage.ts';
import { SignalWatch } from './signals.ts';

const signals = new SignalWatch();

async function main(): Promise<number> {
  const args = parseHaproxyArguments(process.argv.slice(2));
  if (args === null) {
    process.stdout.write(versionText());
    process.stderr.write(HAPROXY_USAGE);
    return 1;
  }
  const { runHaproxy } = await import('./haproxy-run.ts');
  return runHaproxy(args, signals);
}

// Nothing may keep the process: what has to be finished was waited for.
process.exit(await main());
