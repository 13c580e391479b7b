/** A reload of the proxies with what is said about it. */
import type { Model } from '../config/model.ts';
import type { Control } from './control.ts';
import type { ReloadVoice } from './reloads.ts';

/** Says whether the new configuration runs; where not, the old one does as before. */
export async function reloadProxies(control: Control, model: Model, { journal, tell }: ReloadVoice): Promise<boolean> {
  const outcome = await control.reload(model);
  tell(outcome.problems);
  if (outcome.ok)
    journal.notice(`configuration ${control.plan.generation} serves; the one before finishes what is under way`);
  else
    journal.alert(
      `the configuration was not reloaded, the one before serves on${outcome.message === null ? '' : `: ${outcome.message}`}`,
    );
  return outcome.ok;
}
