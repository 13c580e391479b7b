/** Dark or light: as the system says, or as somebody chose here. */
import { remember, remembered } from './browser.ts';
import { byId, LiveAttribute, LiveText } from './element.ts';

const KEY = 'tandem-theme';
const CHOICES = ['auto', 'light', 'dark'] as const;

type Choice = (typeof CHOICES)[number];

export function offerThemes(): void {
  const button = byId('theme');
  const label = new LiveText();
  button.replaceChildren(label.node);
  const root = new LiveAttribute(document.documentElement, 'data-theme');
  let choice: Choice = CHOICES.find((known) => known === remembered(KEY)) ?? 'auto';
  const show = (): void => {
    root.set(choice === 'auto' ? null : choice);
    label.set(`Theme: ${choice}`);
  };
  button.addEventListener('click', () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length] ?? 'auto';
    remember(KEY, choice === 'auto' ? null : choice);
    show();
  });
  show();
}
