/**
 * The numbers of all proxies at one moment, in little memory: the text has all lines of a family together, so that nothing can
 * be written before everything was looked at, and ten thousand servers are a long text.
 *
 * It is taken in pieces, as control must never be late. Not here: what a number means (proxy-numbers.ts), text (proxy-text.ts).
 */
import type { Statistics } from '../../daemon/statistics.ts';
import { labelsText } from './exposition.ts';
import type { MetricsQuery } from './metrics-query.ts';
import { type ProxyFamily, type ProxyScope, proxyFamilies } from './proxy-families.ts';
import { backendNumbers, frontendNumbers, serverNumbers } from './proxy-numbers.ts';

/** Objects that are looked at before others have their turn. */
const OBJECTS_PER_TURN = 32;

/** Of all frontends, backends or servers. */
export interface NumberTable {
  readonly families: readonly ProxyFamily[];
  /** Who they are, as labels. */
  readonly labels: string[];
  /** Of each, the numbers of the families, one after the other. */
  readonly numbers: Float64Array[];
}

export interface ProxySnapshot {
  readonly frontend: NumberTable;
  readonly backend: NumberTable;
  readonly server: NumberTable;
}

const FAMILIES: Readonly<Record<ProxyScope, readonly ProxyFamily[]>> = {
  frontend: proxyFamilies('frontend'),
  backend: proxyFamilies('backend'),
  server: proxyFamilies('server'),
};

/** `pause`: whoever waits has a turn. null: a reload came in between, and others have the numbers. */
export async function takeSnapshot(
  statistics: Statistics,
  query: MetricsQuery,
  pause: () => Promise<unknown>,
): Promise<ProxySnapshot | null> {
  const snapshot = {
    frontend: empty('frontend', query),
    backend: empty('backend', query),
    server: empty('server', query),
  };
  const { frontend, backend, server } = snapshot;
  if ([frontend, backend, server].every(({ families }) => families.length === 0)) return snapshot;
  let looked = 0;
  for (const view of statistics.views()) {
    switch (view.kind) {
      case 'frontend':
        note(frontend, view, [['proxy', view.proxy]], frontendNumbers);
        break;
      case 'server':
        if (query.hidesMaint && view.maint) break;
        note(
          server,
          view,
          [
            ['proxy', view.proxy],
            ['server', view.name],
          ],
          serverNumbers,
        );
        break;
      case 'backend':
        note(backend, view, [['proxy', view.proxy]], backendNumbers);
        break;
    }
    if (++looked % OBJECTS_PER_TURN === 0) await pause();
    if (statistics.succeeded) return null;
  }
  return snapshot;
}

function empty(scope: ProxyScope, { scopes, wants }: MetricsQuery): NumberTable {
  const families = scopes.has(scope) ? FAMILIES[scope].filter(({ name }) => wants(name)) : [];
  return { families, labels: [], numbers: [] };
}

function note<View>(
  { families, labels, numbers }: NumberTable,
  view: View,
  who: readonly (readonly [string, string])[],
  fill: (families: readonly ProxyFamily[], view: View, into: number[]) => void,
): void {
  if (families.length === 0) return;
  const row: number[] = [];
  fill(families, view, row);
  labels.push(labelsText(who));
  numbers.push(new Float64Array(row));
}
