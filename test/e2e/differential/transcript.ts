/**
 * What happened in a world, as lines of text that are the same for two programs that do the same: what depends on the
 * moment (times, ports of clients) and what HTTP leaves open (case of names, order of fields, sizes of chunks) is written
 * in one way.
 */

import { readDate } from '../../../src/proxy/cookie-date.ts';
import { printable } from '../../fuzz/engine/printable.ts';
import { readMessage } from '../hostile/strict-http.ts';
import type { Heard } from './client.ts';
import type { ServerConnection } from './origin.ts';
import type { WorldRecord } from './side.ts';

const NEAR_S = 3600;

/** Dates in cookies that are of now. */
function withoutDates(text: string): string {
  return text.replace(/\|([A-Za-z0-9+/]{5})(?![A-Za-z0-9+/])/g, (whole, digits: string) => {
    const seconds = readDate(Buffer.from(digits, 'latin1'), 0) * 4 - Date.now() / 1000;
    return Math.abs(seconds) < NEAR_S ? '|now' : whole;
  });
}

/** Ports that the kernel chose, behind addresses of clients. */
const withoutPorts = (text: string): string => text.replace(/(127\.(?:32|0)\.\d+\.\d+):\d+/g, '$1:port');

type Field = readonly [name: string, value: string];

function fieldLines(where: string, fields: readonly Field[]): string[] {
  const named = fields.map(([name, value]): Field => [name.toLowerCase(), value]);
  const sorted = [...named].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map(([name, value]) => `${where}: ${name}: ${printable(withoutPorts(withoutDates(value)))}`);
}

/** A message that did not come to its end. */
function partLines(rest: string, where: string): string[] {
  const place = `${where} part`;
  const cut = rest.indexOf('\r\n\r\n');
  const [startLine = '', ...lines] = rest.slice(0, Math.max(cut, 0)).split('\r\n');
  const fields = lines.map((line): Field => [line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 1).trim()]);
  const body = cut < 0 ? rest : rest.slice(cut + 4);
  return [`${place}: ${printable(startLine)}`, ...fieldLines(place, fields), `${place}: body ${printable(body)}`];
}

function heardLines(heard: Heard | undefined, where: string): string[] {
  if (heard === undefined) return [`${where} was never there`];
  const lines: string[] = [];
  let rest = heard.raw;
  let answers = 0;
  while (rest !== '') {
    const over = heard.ended !== 'never';
    const message = readMessage(rest, false, over, heard.methods[answers] === 'HEAD');
    if (message.kind !== 'complete') {
      lines.push(...partLines(rest, where));
      break;
    }
    const status = Number(message.startLine.slice(9, 12));
    const place = `${where} answer ${answers}${status < 200 ? ' (interim)' : ''}`;
    if (status >= 200) answers++;
    lines.push(`${place}: ${printable(message.startLine)}`, ...fieldLines(place, message.fields));
    lines.push(`${place}: body ${printable(message.body)}`);
    rest = rest.slice(message.end);
  }
  lines.push(`${where} ended ${heard.ended}`);
  return lines;
}

const keyOf = (raw: string): string => /^x-key: *([\d-]+)/im.exec(raw)?.[1] ?? 'no key';

/** Each message that came, and on which connection. */
function connectionLines({ preface, requests, rest }: ServerConnection, server: string, number: number): string[][] {
  const groups: string[][] = [];
  const first = keyOf(requests[0] ?? rest);
  if (preface !== '') groups.push([`${server} preface before ${first}: ${prefaceLine(preface)}`]);
  for (const raw of requests) {
    const place = `${server} request ${keyOf(raw)}`;
    const message = readMessage(raw, true, false);
    if (message.kind !== 'complete') groups.push([`${place}: ${printable(raw)}`]);
    else {
      const fields = fieldLines(place, message.fields);
      groups.push([
        `${place}: ${printable(message.startLine)}`,
        ...fields,
        `${place}: body ${printable(message.body)}`,
      ]);
    }
  }
  if (rest !== '') groups.push(partLines(rest, `${server} ${keyOf(rest)}`));
  const keys = [...requests.map(keyOf), ...(rest === '' ? [] : ['a part'])];
  return [...groups, [`${server} then: connection ${number} had ${keys.join(' ')}`]];
}

/** The port of the client is somewhere in it. */
function prefaceLine(preface: string): string {
  if (preface.startsWith('PROXY ')) return printable(preface.replace(/^(PROXY TCP4 \S+ \S+) \d+ /, '$1 port '));
  const bytes = Buffer.from(preface, 'latin1');
  if (bytes[13] === 0x11 && bytes.length >= 28) bytes.writeUInt16BE(0, 24);
  return printable(bytes.toString('latin1'));
}

const TIMERS = /(?<=[ ="])([+]?-?\d+(?:\/[+]?-?\d+){1,4})(?= )/;

/** How many clients of all worlds are there. */
const ALL_CONNECTIONS = /(?<= )\d+\/(\d+\/\d+\/\d+\/\+?\d+ \d+\/\d+)/;
/** Behind the cookies of a line in CLF. */
const CLF_TIMES = /"([^"]*" "[^"]*") \d+ \d{3} "(\w+" "\w+" "\S+") ((?:-?\d+ +){4}\+?\d+ +)(\S+) \d+ /;

function withoutTime(timer: string): string {
  return timer.replace(/(?<!-)(?<!\d)\d+/g, 'T');
}

/** A line of the log: times are T, dates and pids are left out; -1 and the plus of `logasap` stay. */
export function logLine(line: string): string {
  return printable(
    withoutPorts(withoutDates(line))
      .replace(/^(<\d+>)?1 \d{4}-\S+ \S+ (\S+) \d+ /, '$1rfc5424 $2 ')
      .replace(/^(<\d+>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d /, '$1date ')
      .replace(/^(<\d+>)?\d{4}-\d\d-\d\dT\S+ /, '$1date ')
      .replace(/\b(haproxy|mytag)\[\d+\]:/, '$1[pid]:')
      .replace(/\[\d\d\/[A-Z][a-z]{2}\/\d{4}:[\d:.]+(?: \+\d{4})?\]/g, '[date]')
      .replace(/\bT(\w+)=(\+?\d+)/g, 'T$1=T')
      .replace(/check duration: \d+ms/, 'check duration: Tms')
      .replace(TIMERS, withoutTime)
      .replace(ALL_CONNECTIONS, 'N/$1')
      .replace(CLF_TIMES, (_all, cookies: string, names: string, times: string, state: string) => {
        return `"${cookies} port ms "${names} ${withoutTime(times)}${state} N `;
      }),
  );
}

/** The lines of a world. Connections are told apart by what came first on them, not by when they were made. */
export function transcriptOf(record: WorldRecord | undefined): string[] {
  if (record === undefined) return ['the world was never there'];
  const lines = record.stuck ? ['stuck'] : [];
  for (let c = 0; c < record.heard.length; c++) lines.push(...heardLines(record.heard[c], `client ${c}`));
  const counts = new Map<number, number>();
  const served: string[][] = [];
  for (const connection of record.connections) {
    const number = counts.get(connection.server) ?? 0;
    counts.set(connection.server, number + 1);
    served.push(...connectionLines(connection, `server ${connection.server}`, number));
  }
  // In the order of the clients' requests, whichever connection they came on.
  served.sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0));
  lines.push(...served.flat());
  return [...lines, ...record.log.map((line) => `log ${logLine(line)}`).sort()];
}
