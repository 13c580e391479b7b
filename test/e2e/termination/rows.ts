/** All rows of the table. */
import type { Row } from './row.ts';
import { CLIENTS } from './rows/clients.ts';
import { COOKIES } from './rows/cookies.ts';
import { MARKS } from './rows/marks.ts';
import { PROXY } from './rows/proxy.ts';
import { RETRIES } from './rows/retries.ts';
import { SERVERS } from './rows/servers.ts';
import { TCP_ROWS } from './rows/tcp.ts';
import { TUNNELS } from './rows/tunnels.ts';
import { WHOLE } from './rows/whole.ts';

export const ROWS: readonly Row[] = [
  ...WHOLE,
  ...CLIENTS,
  ...SERVERS,
  ...PROXY,
  ...COOKIES,
  ...TUNNELS,
  ...TCP_ROWS,
  ...MARKS,
  ...RETRIES,
];
