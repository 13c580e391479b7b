/** `show servers state` and `show servers conn`: one line a server, in HAProxy's formats; `show backend`. */
import type { BackendView, CheckView, ServerView } from '../../daemon/views.ts';
import type { AdminContext, Answer, Command } from '../command.ts';

// HAProxy's numbers for what is found in state files.
const OPERATIONS = { stopped: 0, starting: 1, running: 2, stopping: 3 } as const;
const CHECK_CONFIGURED = 2;
const CHECK_ENABLED = 4;
const CHECK_PAUSED = 8;
const CHECK_AGENT = 16;
const RESULT_UNKNOWN = 0;
const RESULTS = { neutral: 1, failed: 2, passed: 3, conditional: 4 } as const;
const STATUSES: Readonly<Record<string, number>> = {
  CHECKED: 3,
  HANA: 4,
  SOCKERR: 5,
  L4OK: 6,
  L4TOUT: 7,
  L4CON: 8,
  L6OK: 9,
  L6TOUT: 10,
  L6RSP: 11,
  L7TOUT: 12,
  L7RSP: 13,
  L7OK: 15,
  L7OKC: 16,
  L7STS: 17,
  PROCERR: 18,
  PROCTOUT: 19,
  PROCOK: 20,
};
const STATUS_INITIAL = 1;

const STATE_HEADER =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight ' +
  'srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state ' +
  'bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr ' +
  'srv_agent_addr srv_agent_port';

export const SHOW_SERVERS_STATE: Command = {
  words: ['show', 'servers', 'state'],
  usage: 'show servers state [<backend>]',
  about: 'dump volatile server information (all or for a single backend)',
  level: 'user',
  run: (context, [name]) =>
    eachServer(context, name, `1\n${STATE_HEADER}\n`, (server, backend) => `${stateLine(server, backend)}\n`),
};

export const SHOW_SERVERS_CONN: Command = {
  words: ['show', 'servers', 'conn'],
  usage: 'show servers conn [<backend>]',
  about: 'dump server connections status (all or for a single backend)',
  level: 'user',
  run: (context, [name]) => {
    const header =
      '# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb safe_nb idle_lim idle_cur ' +
      `idle_per_thr[${context.statistics.process().threads}]\n`;
    return eachServer(context, name, header, (server) => `${connectionLine(server)}\n`);
  },
};

export const SHOW_BACKEND: Command = {
  words: ['show', 'backend'],
  usage: 'show backend',
  about: 'list backends in the current running config',
  level: 'user',
  run: ({ statistics }) => {
    const names = [...statistics.proxies(-1)].flatMap(({ backend }) =>
      backend === null ? [] : [`${backend.proxy}\n`],
    );
    return `# name\n${names.join('')}`;
  },
};

function eachServer(
  { statistics }: AdminContext,
  name: string | undefined,
  header: string,
  line: (server: ServerView, backend: BackendView) => string,
): Answer {
  if (name !== undefined && !statistics.hasBackend(name)) return "Can't find backend.\n";
  return pieces();

  function* pieces(): Iterable<string> {
    yield header;
    for (const { backend } of statistics.proxies(-1)) {
      if (backend === null || (name !== undefined && backend.proxy !== name)) continue;
      yield backend.servers.map((server) => line(server, backend)).join('');
    }
  }
}

function stateLine(server: ServerView, backend: BackendView): string {
  const { check, agent } = server;
  return [
    backend.id,
    backend.proxy,
    server.id,
    server.name,
    server.host ?? '-',
    OPERATIONS[server.operation],
    server.admin,
    server.weight,
    server.initialWeight,
    server.changedS,
    check?.result == null ? STATUS_INITIAL : (STATUSES[check.result] ?? 0),
    check?.verdict == null ? RESULT_UNKNOWN : RESULTS[check.verdict],
    server.checkHealth,
    check === null ? (server.checksPaused ? CHECK_PAUSED : 0) : checkState(check),
    agent === null ? 0 : checkState(agent) | CHECK_AGENT,
    backend.idGiven ? 1 : 0,
    server.idGiven ? 1 : 0,
    server.hostName ?? '-',
    server.port,
    '-',
    0,
    check?.port ?? 0,
    check?.address ?? '-',
    agent?.address ?? '-',
    agent?.port ?? 0,
  ].join(' ');
}

function checkState({ enabled, paused }: CheckView): number {
  return CHECK_CONFIGURED | (enabled ? CHECK_ENABLED : 0) | (paused ? CHECK_PAUSED : 0);
}

/** What is not known of idle connections (how many are safe, how many are needed, whose they are) is `-`. */
function connectionLine(server: ServerView): string {
  return [
    `${server.proxy}/${server.name}`,
    `${server.proxyId}/${server.id}`,
    server.host ?? '-',
    server.port,
    '-',
    server.purgeDelayMs,
    server.sessions,
    server.sessionsMax,
    '-',
    '-',
    '-',
    server.idleLimit,
    server.idle,
    '-',
  ].join(' ');
}
