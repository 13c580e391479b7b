/** All requests of a connection, as a proxy that keeps the rules of this folder passes them on. */
import { readChunked } from './chunked.ts';
import { connectionOptions, type Field, fieldOf, type Violation } from './reading.ts';
import { readRequest } from './request.ts';

export interface Forwarded {
  readonly startLine: string;
  /** Without those of the hop. */
  readonly fields: readonly Field[];
  readonly body: string;
}

export interface StreamReading {
  readonly messages: readonly Forwarded[];
  /** Why nothing more goes on after them. */
  readonly end: 'all read' | 'closes' | 'refused' | 'incomplete';
  readonly violations: readonly Violation[];
  /** The last one was refused or ended inside its body: its head may have gone on. */
  readonly insideBody: boolean;
}

export function readStream(bytes: string): StreamReading {
  const messages: Forwarded[] = [];
  let rest = bytes;
  const stop = (
    end: StreamReading['end'],
    insideBody = false,
    violations: readonly Violation[] = [],
  ): StreamReading => {
    return { messages, end, insideBody, violations };
  };
  for (;;) {
    if (/^(?:\r\n)*$/.test(rest)) return stop('all read');
    const head = readRequest(rest);
    if (head.verdict === 'partial') return stop('incomplete');
    if (head.verdict === 'refused') return stop('refused', false, head.violations);
    const { startLine, fields, length, chunked, end, minor } = head.meaning;
    // Nothing in a configuration can allow a tunnel to anywhere.
    if (startLine.startsWith('CONNECT ')) return stop('refused', false, [{ rule: 'RFC 9110 9.3.6', statuses: [405] }]);
    const after = rest.slice(end);
    let body = '';
    let used = 0;
    if (chunked) {
      const reading = readChunked(after);
      if (reading.verdict === 'partial') return stop('incomplete', true);
      if (reading.verdict === 'refused') return stop('refused', true);
      body = reading.data;
      used = reading.end;
    } else if (length > 0) {
      if (after.length < length) return stop('incomplete', true);
      body = after.slice(0, length);
      used = length;
    }
    messages.push({ startLine, fields, body });
    const options = connectionOptions(fieldsOf(rest.slice(0, end)));
    const closes = options.includes('close') || (minor === 0 && !options.includes('keep-alive'));
    if (closes) return stop('closes');
    rest = after.slice(used);
  }
}

/** Of the head as it came: its Connection is gone from what leaves. */
function fieldsOf(head: string): Field[] {
  return head
    .replace(/^(?:\r\n)*/, '')
    .split('\r\n')
    .slice(1)
    .map(fieldOf)
    .filter((field) => field !== null);
}
