/**
 * What a keepalived.conf tracks of the proxies, held against the haproxy.cfg beside it: a name that no section has would be a
 * FAULT for ever. Pure.
 */
import type { Problem } from '../core/problem.ts';
import type { Model, Origin } from './model.ts';
import type { PairModel } from './pair-model.ts';
import { nearestWord } from './suggest.ts';

/** `model` null: there is no haproxy.cfg. */
export function trackedNameProblems(pair: PairModel, model: Model | null): readonly Problem[] {
  const settings = [pair.tandem, ...pair.instances.map(({ tandem }) => tandem)];
  const running = (model?.proxies ?? []).filter(({ disabled }) => !disabled);
  const names = (pick: (proxy: Model['proxies'][number]) => boolean) => running.filter(pick).map(({ name }) => name);
  const fronts = names(({ kind }) => kind !== 'backend');
  const backs = names(({ kind, servers }) => kind !== 'frontend' && servers.length > 0);
  const found = settings.flatMap(({ proxies, backends }) => [
    ...proxies.map(({ name, origin }) => ({ keyword: 'track_proxy', name, origin, known: fronts })),
    ...backends.map(({ name, origin }) => ({ keyword: 'track_backend', name, origin, known: backs })),
  ]);
  return once(found).flatMap(({ keyword, name, origin, known }) => {
    if (model === null) {
      const message = `${keyword} ${name} has no effect: no proxies run here`;
      return [problem('warning', 'nothing-to-track', origin, message, 'tandem run -f haproxy.cfg -f keepalived.conf')];
    }
    if (known.includes(name)) return [];
    const what =
      keyword === 'track_proxy' ? 'no frontend or listen section' : 'no backend or listen section with servers';
    const near = nearestWord(name, known);
    const hint = near === null ? 'a name of haproxy.cfg' : `did you mean '${near}'?`;
    return [problem('error', 'unknown-name', origin, `${keyword}: ${what} is called '${name}'`, hint)];
  });
}

/** Of who is told not to run virtual servers (keepalived's -P). */
export function untrackedServerProblems(pair: PairModel): readonly Problem[] {
  const tracks = [pair.tandem, ...pair.instances.map(({ tandem }) => tandem)].flatMap(({ virtualServers }) =>
    virtualServers.map(({ name, origin }) => ({ keyword: 'track_virtual_server', name, origin })),
  );
  return once(tracks).map(({ keyword, name, origin }) => {
    const message = `${keyword} ${name} has no effect: no virtual servers run here`;
    return problem('warning', 'nothing-to-track', origin, message, 'without -P');
  });
}

/** The block at top level is every instance's, too. */
function once<T extends { readonly keyword: string; readonly name: string; readonly origin: Origin }>(
  tracks: readonly T[],
): readonly T[] {
  const keyOf = ({ origin, keyword, name }: T) => `${origin.file} ${origin.line} ${keyword} ${name}`;
  return [...new Map(tracks.map((one) => [keyOf(one), one])).values()];
}

function problem(
  severity: Problem['severity'],
  code: string,
  { file, line }: Origin,
  message: string,
  hint: string,
): Problem {
  return { severity, code, file, line, column: 1, message, hint };
}
