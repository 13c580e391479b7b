// Results to text: Markdown tables, ready for a README.

const shown = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '–');
/** `median (least–most)`; of a single round only its number. */
function range(value, show) {
  if (value === undefined) return '–';
  const { median, least, most } = value;
  return least === most ? show(median) : `${show(median)} (${show(least)}–${show(most)})`;
}

const twoDigits = (value) => shown(value, 2);

/** Microseconds of whatever size with three digits that mean something. */
export function threeDigits(value) {
  if (!Number.isFinite(value)) return '–';
  return value.toFixed(Math.min(2, Math.max(0, 2 - Math.floor(Math.log10(Math.max(value, 1e-9))))));
}

export function tableText(title, head, rows) {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column].length)));
  const line = (cells) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? `:${'-'.repeat(width + 1)}` : `${'-'.repeat(width + 1)}:`,
  );
  return [title, '', line(head), `|${rule.join('|')}|`, ...rows.map(line)].join('\n');
}

/** Whether every request had its line; a few are under way when a measurement ends. */
function logNote(peers) {
  const counts = peers
    .filter((one) => one.logLinesPerRequest !== undefined)
    .map((one) => `${one.peer} ${one.logLinesPerRequest.median.toFixed(3)}`);
  return counts.length === 0 ? [] : [`log lines per request: ${counts.join(', ')}`];
}

/** One work: a line a peer. */
export function workTable({ name, per, notes, peers }) {
  const head = [
    'peer',
    `CPU µs/${per}`,
    'of it user',
    'all of its cores',
    'CPU ÷ haproxy',
    `${per}s/s`,
    'rate ÷ haproxy',
    'busy',
    'p50 ms',
    'p99 ms',
    'p99 ÷ haproxy',
    'p99.9 ms',
    'RSS MiB',
  ];
  const rows = peers.map((one) => [
    one.troubles === undefined ? one.peer : `${one.peer} (${one.troubles.join('; ')})`,
    range(one.cpu, threeDigits),
    threeDigits(one.user?.median),
    threeDigits(one.cores?.median),
    range(one.cpuRatio, twoDigits),
    shown(one.rate?.median, 0),
    range(one.rateRatio, twoDigits),
    one.busy === undefined ? '–' : `${(one.busy.median * 100).toFixed(0)} %`,
    shown(one.p50Ms?.median, 2),
    shown(one.p99Ms?.median, 2),
    range(one.p99MsRatio, twoDigits),
    shown(one.p999Ms?.median, 2),
    shown(one.residentMib, 0),
  ]);
  return [tableText(name, head, rows), ...notes, ...logNote(peers)].join('\n');
}

export function memoryTable({ connections, notes, peers }) {
  const rows = peers.map(({ peer, bytesPerConnection, lost }) => [
    lost === 0 ? peer : `${peer} (${lost} lost)`,
    bytesPerConnection.toFixed(0),
  ]);
  const title = `${connections} idle connections, each after one request`;
  return [tableText(title, ['peer', 'bytes of RSS a connection'], rows), ...notes].join('\n');
}

/** All works at a glance: CPU time, and beside it the ratio. */
export function summaryTable(works) {
  const peers = [...new Set(works.flatMap((work) => work.peers.filter((one) => one.cpu).map((one) => one.peer)))];
  const rows = works.map((work) => [
    `${work.name}, per ${work.per}`,
    ...peers.map((peer) => {
      const one = work.peers.find((candidate) => candidate.peer === peer);
      if (one?.cpu === undefined) return '–';
      const ratio =
        one.comparedWith === peer || one.cpuRatio === undefined ? '' : ` (${one.cpuRatio.median.toFixed(2)})`;
      return `${threeDigits(one.cpu.median)}${ratio}`;
    }),
  ]);
  return tableText('CPU µs (÷ haproxy)', ['', ...peers], rows);
}
