/**
 * A field of HAProxy's typed output: what it is called, what kind of number it is, and how it is written.
 *
 *   F.2.0.4.scur.1:MGP:u32:0        origin M(etric), nature G(auge), scope P(rocess)
 */

export interface Field {
  readonly position: number;
  readonly name: string;
  readonly tags: string;
  /** What backends say instead. */
  readonly backendTags: string;
  readonly type: string;
  readonly description: string;
}

const ORIGINS: Readonly<Record<string, string>> = {
  M: 'Metric',
  S: 'Status',
  K: 'Key',
  C: 'Config',
  P: 'Product',
};

const NATURES: Readonly<Record<string, string>> = {
  G: 'Gauge',
  L: 'Limit',
  m: 'Min',
  M: 'Max',
  R: 'Rate',
  C: 'Counter',
  D: 'Duration',
  A: 'Age',
  T: 'Time',
  N: 'Name',
  O: 'Output',
  a: 'Avg',
};

const SCOPES: Readonly<Record<string, string>> = { C: 'Cluster', P: 'Process', S: 'Service', s: 'System' };

export type FieldValue = string | number;

/** Rows of `name tags type description`. */
export function parseFields(rows: string): readonly Field[] {
  return linesOf(rows).map((row, position) => parseRow(`${position} ${row}`));
}

/** Rows of `position name tags type description`. */
export function parsePlacedFields(rows: string): readonly Field[] {
  return linesOf(rows).map(parseRow);
}

function linesOf(rows: string): readonly string[] {
  return rows.trim().split('\n');
}

function parseRow(row: string): Field {
  const [, position = '', name = '', tags = '', type = '', description = ''] =
    /^(\S+) (\S+) (\S+) (\S+) (.*)$/.exec(row) ?? [];
  const [own = '', backendTags = own] = tags.split('/');
  return { position: Number(position), name: name.replaceAll('~', ' '), tags: own, backendTags, type, description };
}

/** `:MGP:u32:0`, as it follows the name in typed output. */
export function typedText(tags: string, type: string, value: FieldValue): string {
  return `${tags}:${type}:${value}`;
}

export interface JsonField {
  readonly field: { readonly pos: number; readonly name: string };
  readonly processNum: number;
  readonly tags: { readonly origin: string; readonly nature: string; readonly scope: string };
  readonly value: { readonly type: string; readonly value: FieldValue };
}

export function jsonField(field: Field, tags: string, value: FieldValue): JsonField {
  const [origin = '', nature = '', scope = ''] = tags;
  return {
    field: { pos: field.position, name: field.name },
    processNum: 1,
    tags: {
      origin: ORIGINS[origin] ?? 'Unknown',
      nature: NATURES[nature] ?? 'Unknown',
      scope: SCOPES[scope] ?? 'Unknown',
    },
    value: { type: field.type, value },
  };
}
