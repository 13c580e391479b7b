/** `show info`: the process in HAProxy's fields; what there is none of here (TLS, pipes, peers) is 0, as there. */
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
    const values = infoValues(context.statistics.process(), context.version);
    const rows = INFO_FIELDS.flatMap((field): readonly [Field, FieldValue][] => {
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
