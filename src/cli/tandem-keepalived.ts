#!/usr/bin/env node
/** The program `tandem-keepalived`: keepalived's own command line, so that only a path has to change in a unit file. */
import { parseKeepalivedArguments } from './keepalived-arguments.ts';
import { KEEPALIVED_USAGE, keepalivedVersionText } from './keepalived-usage.ts';
import { SignalWatch } from './signals.ts';

const EXIT_FINE = 0;
const EXIT_FAILED = 1;

async function main(): Promise<number> {
  const parsed = parseKeepalivedArguments(process.argv.slice(2));
  if (!parsed.ok) {
    process.stderr.write(`tandem-keepalived: ${parsed.message}\n${KEEPALIVED_USAGE}`);
    return EXIT_FAILED;
  }
  const { args } = parsed;
  switch (args.action) {
    case 'help':
      process.stderr.write(`${keepalivedVersionText()}\n${KEEPALIVED_USAGE}`);
      return EXIT_FINE;
    case 'version':
      process.stderr.write(keepalivedVersionText());
      return EXIT_FINE;
    case 'signum': {
      const { signalNumber } = await import('./keepalived-signals.ts');
      const number = signalNumber(args.signal ?? '');
      if (number === null) {
        process.stderr.write(`Unknown sigfunc ${args.signal}\n`);
        return EXIT_FAILED;
      }
      process.stdout.write(`${number}\n`);
      return EXIT_FINE;
    }
    case 'test':
      return (await import('./keepalived-test.ts')).testKeepalived(args);
    case 'run': {
      const signals = new SignalWatch();
      return (await import('./keepalived-run.ts')).runKeepalived(args, signals);
    }
  }
}

// Nothing may keep the process: what has to be finished was waited for.
process.exit(await main());
