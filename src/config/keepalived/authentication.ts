/** `authentication { auth_type PASS … auth_pass … }`. */
import type { InstanceDraft } from './instance-draft.ts';
import { type Draft, keywordTable, supported } from './keyword.ts';

interface AuthenticationDraft extends Draft {
  readonly instance: InstanceDraft;
}

export const AUTHENTICATION_KEYWORDS = keywordTable<AuthenticationDraft>('authentication', 'in authentication', [
  supported('auth_type', '<PASS>', 'AH is not supported', (s, { instance }) => {
    const type = s.text(1);
    if (type === 'PASS') instance.authType = 'PASS';
    else if (type === 'AH') {
      s.error(1, 'unsupported-keyword', "auth_type 'AH' is not supported yet", 'PASS, or none at all');
    } else s.error(1, 'bad-authentication', 'there is no such auth_type', 'write PASS');
  }),
  supported('auth_pass', '<password>', 'at most 8 characters; anybody on the link can read it', (s, { instance }) => {
    instance.authPass = { statement: s, text: s.text(1) };
  }),
]);
