/**
 * Prometheus' text format, version 0.0.4: how a family, its labels and its numbers are written. What is in a label may have
 * come from anywhere: a name of a server, a word of a peer.
 */

export const METRICS_TYPE = 'text/plain; version=0.0.4';

export interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
}

/** The two lines before the first number of a family. */
export function headerText({ name, type, help }: Family): string {
  const escaped = help.replace(/[\\\n]/g, (char) => (char === '\n' ? '\\n' : '\\\\'));
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
}

/** `proxy="web",server="s1"`, without braces: others may follow. */
export function labelsText(labels: readonly (readonly [name: string, value: string])[]): string {
  return labels.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',');
}

export function escapeLabel(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
}

/** A line; `labels`: '' for none. */
export function sampleText(name: string, labels: string, value: number | string): string {
  return labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;
}
