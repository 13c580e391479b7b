/**
 * `show info`: the process in HAProxy's fields; what there is none of here (TLS, pipes, peers, limits of rates) is 0, as there.
 * Its pools are the threads' buffers here, its tasks clients, streams and checks.
 */
import type { Command } from '../command.ts';
import { type Field, type FieldValue, jsonField, typedText } from '../fields.ts';
import { INFO_FIELDS } from '../info-fields.ts';
import { infoValues } from '../info-values.ts';

export const SHOW_INFO: Command = {
  words: ['show', 'info'],
  usage: 'show info [desc|json|typed|float]*',
  about: 'report information about the running process',
  level: 'user',
  run: (context, args) => {
    const isFloat = args.includes('float');
    const values = infoValues(context.statistics.process(), context.version, isFloat);
    const fields = isFloat ? INFO_FIELDS.map(asFloat) : INFO_FIELDS;
    const rows = fields.flatMap((field): readonly [Field, FieldValue][] => {
      const value = field.name === 'description' ? values['description'] : (values[field.name] ?? 0);
      return value === undefined ? [] : [[field, value]];
    });
    if (args.includes('json')) {
      return `${JSON.stringify(rows.map(([field, value]) => jsonField(field, field.tags, value)))}\n`;
    }
    const typed = args.includes('typed');
    const described = args.includes('desc');
    return rows.map(([field, value]) => lineOf(field, value, typed, described)).join('');
  },
};

function lineOf(field: Field, value: FieldValue, typed: boolean, described: boolean): string {
  const text = typed
    ? `${field.position}.${field.name}.1:${typedText(field.tags, field.type, value)}`
    : `${field.name}: ${value}`;
  return described ? `${text}:"${field.description}"\n` : `${text}\n`;
}

/** With `float`: what kind of numbers these are then. */
const FLOATS: Readonly<Record<string, string>> = {
  Uptime_sec: 'MDP',
  Start_time_sec: 'MDP',
  ConnRate: 'MRP',
  SessRate: 'MRP',
  SslRate: 'MRP',
  SslFrontendKeyRate: 'MRP',
  SslFrontendSessionReuse_pct: 'MRP',
  SslBackendKeyRate: 'MRP',
  CompressBpsIn: 'MRP',
  CompressBpsOut: 'MRP',
};

function asFloat(field: Field): Field {
  const tags = FLOATS[field.name];
  return tags === undefined ? field : { ...field, tags, type: 'flt' };
}
