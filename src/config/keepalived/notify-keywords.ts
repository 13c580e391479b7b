/** `notify_*`, `smtp_alert` and `track_*`: the same words in an instance and in a group. */
import type { NotifyDraft, TracksDraft } from './instance-draft.ts';
import { block, type Draft, type Keyword, supported, unsupported } from './keyword.ts';
import { readCommand } from './script-command.ts';
import type { Statement } from './statement.ts';
import { addTrackLine } from './track-line.ts';
import { readSwitch } from './values.ts';

type NotifyField = {
  [K in keyof NotifyDraft]: NotifyDraft[K] extends boolean | null ? never : K;
}[keyof NotifyDraft];

export function notifyKeywords<T extends Draft & NotifyDraft>(): Keyword<T>[] {
  return [
    notify('notify_master', 'notifyMaster', 'on becoming master'),
    notify('notify_backup', 'notifyBackup', 'on becoming backup'),
    notify('notify_fault', 'notifyFault', 'on FAULT'),
    notify('notify_stop', 'notifyStop', 'when the program ends'),
    supported('notify_deleted', '[command] ...', 'when a reload takes the instance away', (s, target) => {
      if (s.has(1)) target.notifyDeleted = readCommand(s, true);
    }),
    notify('notify', 'notifyGeneral', 'every change; gets INSTANCE|GROUP, name, state and priority as last arguments'),
    supported('notify_priority_changes', '[bool]', 'FIFOs hear of priorities too', (s, target) => {
      target.notifyPriorityChanges = readSwitch(s, 1) ?? target.notifyPriorityChanges;
    }),
    supported('smtp_alert', '[bool]', 'a mail about every change', (s, target) => {
      target.smtpAlert = readSwitch(s, 1) ?? target.smtpAlert;
    }),
  ];
}

export function notify<T extends Draft & NotifyDraft>(word: string, field: NotifyField, note: string): Keyword<T> {
  return supported<T>(
    word,
    '<command> ...',
    `${note}; in quotes when it has arguments, then user and group`,
    (s, target) => {
      const command = readCommand(s, true);
      if (command !== null) target[field] = command;
    },
  );
}

export function trackKeywords<T extends Draft & TracksDraft>(): Keyword<T>[] {
  return [
    track('track_interface', (target) => target.interfaces),
    track('track_script', (target) => target.scripts),
    track('track_process', (target) => target.processes),
    track('track_file', (target) => target.files),
    ...unsupported<T>('there is no BFD', 'track_bfd'),
  ];
}

function track<T extends Draft & TracksDraft>(
  word: string,
  list: (target: T) => TracksDraft[keyof TracksDraft],
): Keyword<T> {
  return block(word, '', 'lines: NAME [weight N [reverse]]', (s: Statement, target: T) => {
    for (const line of s.children ?? []) addTrackLine(line, list(target));
  });
}
