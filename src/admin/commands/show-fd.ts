/** `show fd`, `show libs`: descriptors of the data processes, and what files this process has loaded. */
import type { DescriptorView } from '../../daemon/inquiries.ts';
import { loadedFiles } from '../../daemon/loaded-files.ts';
import type { AdminContext, Command } from '../command.ts';
import { silenceText } from './sessions.ts';

export const SHOW_FD: Command = {
  words: ['show', 'fd'],
  usage: 'show fd [num]',
  about: 'dump list of file descriptors in use or a specific one',
  level: 'operator',
  run: (context, [which]) => list(context, which === undefined ? null : Number.parseInt(which, 10) || 0),
};

async function* list({ questions }: AdminContext, fd: number | null): AsyncIterable<string> {
  for await (const one of questions.descriptors()) {
    if ('silent' in one) yield silenceText(one);
    else if (fd === null || one.report.fd === fd) yield descriptorText(one);
  }
}

function descriptorText({ thread, pid, kind, report, owner, http }: DescriptorView): string {
  const { fd, reads, writes, ended, shut, local, remotePort } = report;
  const state = `W:${shut ? 'S' : 's'}${writes ? 'A' : 'a'} R:${ended ? 'S' : 's'}${reads ? 'A' : 'a'}`;
  const start = `${String(fd).padStart(7)} : st=(${state}) tmask=0x${(2 ** thread).toString(16)} pid=${pid}`;
  if (kind === 'listener') return `${start} l.st=${reads ? 'RDY' : 'PAU'} fe=${owner}\n`;
  const ports = local.family === 0 ? 'fam=unix' : `fam=ipv${local.family} lport=${local.port} rport=${remotePort}`;
  const whose = kind === 'client' ? `fe=${owner}` : `sv=${owner}`;
  const idle = kind === 'idle' ? ' idle' : '';
  return `${start} back=${kind === 'client' ? 0 : 1} ${ports} ${whose}${idle} mux=${http ? 'H1' : 'PASS'} xprt=RAW\n`;
}

export const SHOW_LIBS: Command = {
  words: ['show', 'libs'],
  usage: 'show libs',
  about: 'show loaded object files and libraries',
  level: 'operator',
  run: () =>
    loadedFiles()
      .map(({ start, end, path }) => `0x${hex(start, 12)}-0x${hex(end - 1n, 12)} (0x${hex(end - start, 7)}) ${path}\n`)
      .join(''),
};

function hex(value: bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
