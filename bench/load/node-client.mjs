// The load generators written in Node: each a process on the load cores that prints its result as one line of JSON.
import { join } from 'node:path';

async function run({ programs, cores }, file, args, seconds) {
  const output = await programs.run([process.execPath, join(import.meta.dirname, file), ...args.map(String)], {
    cores: cores.load,
    timeoutMs: (seconds + 20) * 1000,
  });
  const line = output.split('\n').find((one) => one.startsWith('{'));
  if (line === undefined) throw new Error(`${file} said nothing of its result:\n${output}`);
  const result = JSON.parse(line);
  return { ...result, units: result.requests };
}

export async function autocannon(context, work, port, seconds) {
  return run(context, 'autocannon-client.mjs', [context.modules, port, work.connections, seconds], seconds);
}

export async function webSocket(context, work, port, seconds) {
  return run(context, 'websocket-client.mjs', [port, work.connections, seconds, work.messageBytes], seconds);
}
