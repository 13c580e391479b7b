/** What agents say, and what operators do: tables for both programs. */

/** `RESET` breaks the connection. */
export const AGENT_WORDS: readonly string[] = [
  'up\n',
  'down # going\n',
  'DOWN#x y\n',
  'stopped\r\n',
  'fail # because "it" <x>\n',
  'maint\n',
  'drain\n',
  'ready 50%\n',
  'up 75% maxconn:3\n',
  '75%\n',
  'bogus words\n',
  'up bogus\n',
  'up bogus 300%\n',
  '300% x% 40%\n',
  '1000\n',
  'no newline',
  '',
  'down,up\n',
  'up down # z\n',
  'drain up 20% # fine\n',
  'maxconn:abc up\n',
  '#down\n',
  ' \t,up ,\n',
  'up\0down\n',
  'ready up maint 10%\n',
  '-5%\n',
  '5%%\n',
  '300\n',
  'down bogus # \n',
  'down bogus\n',
  '1x%\n',
  'RESET',
  '99999999999%\n',
  'Up 30% MAXCONN:4 Ready # ok\n',
  `up # ${'x'.repeat(200)}\n`,
];

/** In this order: each begins where the one before has left the servers. */
export const OPERATOR_STEPS: readonly string[] = [
  'disable server a/up',
  'enable server a/up',
  'set server a/up state drain',
  'set server a/up state maint',
  'set server a/up state drain',
  'set server a/up state ready',
  'disable server b/t1',
  'disable server a/up',
  'enable server b/t1',
  'disable server b/t1',
  'enable server a/up',
  'enable server b/t1',
  'set server a/up health down',
  'set server a/up health up',
  'set server a/up health stopping',
  'disable server a/up',
  'enable server a/up',
  'set server a/up health up',
  'set server b/t1 health down',
  'set server a/ag agent down',
  'set server a/ag agent up',
  'set server a/up agent up',
  'set server a/ag agent x',
  'set server a/ag health down',
  'set server a/ag health up',
  'disable agent a/ag',
  'set server a/ag agent up',
  'set server a/ag agent-send xx',
  'set server a/ag agent-port 5',
  'enable agent a/ag',
  'disable agent a/up',
  'enable agent a/up',
  'enable health a/plain',
  'disable health a/up',
  'enable health a/up',
  'enable server a/di',
  'disable server a/di',
  'set server b/td state ready',
  'set server b/td state drain',
  'set server a/up state drain',
  'set server b/td state ready',
  'set server a/up state ready',
  'set server a/dn health up',
  'set weight a/up 0',
  'set weight a/up 50',
  'set weight a/up 100%',
  'set weight b/t3 50%',
  'set weight b/t3 0',
  'set server a/up health down',
  'set weight b/t3 100%',
  'set server a/up health up',
  'set server a/up weight 0',
  'set server a/up health down',
  'set server a/up health up',
  'set server a/up state drain',
  'set server a/up health down',
  'set server a/up health up',
  'set server a/up state ready',
  'set server a/up weight 100%',
  'set server a/bk state drain',
  'set server a/bk health down',
  'set server a/plain health down',
  'set server a/plain state maint',
  'set server a/plain state ready',
  'set server a/plain health stopping',
  'set server a/plain health up',
  'disable server n/u',
  'enable server n/u',
  'set server n/v health up',
  'set server n/v state drain',
  'set server a/up check-port 1x',
  'set server a/up check-port 70000',
  'set server a/up check-port',
  'set server a/plain check-port 5',
  'set server a/ag agent-addr x',
  'set server a/ag agent-addr 127.0.0.1 port x',
  'set server a/ag agent-addr 127.0.0.1 port 77',
  'set server a/ag agent-addr',
  'set server a/ag agent-port',
  'set weight a/up 300x',
  'set weight a/up 5x',
  'set weight a/up 5%x',
  'set weight a/up -5%',
  'set weight a/up 99999999%',
];

export function operatorConfiguration(web: number, refused: number, agent: number): string {
  return `
defaults
  mode http
  log global
  timeout connect 1s
  timeout server 5s
  default-server inter 1h fall 1 rise 1
backend a
  server up 127.0.0.1:${web} check
  server dn 127.0.0.1:${refused} check
  server ag 127.0.0.1:${web} agent-check agent-port ${agent} agent-inter 1h agent-send hi\\n
  server bk 127.0.0.1:${web} check backup
  server di 127.0.0.1:${web} check disabled
  server plain 127.0.0.1:${web}
backend b
  server t1 127.0.0.1:${web} track a/up
  server t2 127.0.0.1:${web} track a/dn
  server t3 127.0.0.1:${web} track t1 weight 5
  server t4 127.0.0.1:${web} track a/ag backup
  server t5 127.0.0.1:${web} track a/di
  server t6 127.0.0.1:${web} track t5
  server td 127.0.0.1:${web} track a/up disabled
backend n
  server u name.invalid:80 init-addr none
  server v name.invalid:80 init-addr none check
`;
}
