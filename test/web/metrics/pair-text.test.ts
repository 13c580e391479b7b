import { beforeEach, describe, expect, it } from 'vitest';
import { jsonText } from '../../../src/vrrp/dump/json.ts';
import { parseMetricsQuery } from '../../../src/web/metrics/metrics-query.ts';
import { keepalivedText, pairText } from '../../../src/web/metrics/pair-text.ts';
import { readExposition } from '../../support/exposition-format.ts';
import { FakePair } from '../../support/fake-pair.ts';

const CONF = `
vrrp_script chk_good { script /bin/true
 interval 2 }
vrrp_script chk_bad { script /bin/false
 interval 2 }
vrrp_instance VI_1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 255
  advert_int 1
  garp_master_delay 3
  virtual_ipaddress {
    10.77.0.100/24 brd 10.77.0.255
    10.77.0.101/32
  }
  virtual_ipaddress_excluded { 10.77.0.200/24 }
  track_script { chk_good }
}
vrrp_instance VI_2 {
  state BACKUP
  interface eth0
  virtual_router_id 52
  priority 90
  virtual_ipaddress { 10.77.0.110/32 }
}
`;

/** What mehdy's keepalived-exporter makes of keepalived.json: its names, by the fields that it reads. */
const OF_STATS: Readonly<Record<string, string>> = {
  keepalived_advertisements_received_total: 'advert_rcvd',
  keepalived_advertisements_sent_total: 'advert_sent',
  keepalived_become_master_total: 'become_master',
  keepalived_release_master_total: 'release_master',
  keepalived_packet_length_errors_total: 'packet_len_err',
  keepalived_advertisements_interval_errors_total: 'advert_interval_err',
  keepalived_ip_ttl_errors_total: 'ip_ttl_err',
  keepalived_invalid_type_received_total: 'invalid_type_rcvd',
  keepalived_address_list_errors_total: 'addr_list_err',
  keepalived_authentication_invalid_total: 'invalid_authtype',
  keepalived_authentication_mismatch_total: 'authtype_mismatch',
  keepalived_authentication_failure_total: 'auth_failure',
  keepalived_priority_zero_received_total: 'pri_zero_rcvd',
  keepalived_priority_zero_sent_total: 'pri_zero_sent',
};

interface Dumped {
  readonly data: {
    readonly iname: string;
    readonly ifp_ifname: string;
    readonly vrid: number;
    readonly state: number;
    readonly garp_delay: number;
    readonly vips?: readonly string[];
    readonly evips?: readonly string[];
  };
  readonly stats: Readonly<Record<string, number>>;
}

let box: FakePair;

beforeEach(async () => {
  box = new FakePair();
  expect(await box.start(CONF)).toEqual([]);
});

function query() {
  const parsed = parseMetricsQuery('');
  if (parsed === null) throw new Error('no query');
  return parsed;
}

/** `name label=value … number` of all lines. */
function lines(text: string): readonly string[] {
  return [...readExposition(text).values()].flatMap(({ samples }) =>
    samples.map(({ name, labels, value }) =>
      [name, ...Object.entries(labels).map(([label, word]) => `${label}=${word}`), value].join(' '),
    ),
  );
}

/** What the exporter would say, but for scripts, which it does not find in this file. */
function exported(dump: readonly Dumped[]): readonly string[] {
  const found = ['keepalived_up 1'];
  for (const { data, stats } of dump) {
    const who = `iname=${data.iname} intf=${data.ifp_ifname} vrid=${data.vrid}`;
    for (const [name, field] of Object.entries(OF_STATS)) found.push(`${name} ${who} ${stats[field]}`);
    found.push(`keepalived_gratuitous_arp_delay_total ${who} ${data.garp_delay}`);
    const state = (name: string, words: readonly string[]): void => {
      // The exporter takes the third word, which is a broadcast address where there is one: a defect of its own.
      const device = words[words.indexOf('dev') + 1];
      found.push(`${name} iname=${data.iname} intf=${device} vrid=${data.vrid} ip_address=${words[0]} ${data.state}`);
    };
    for (const vip of data.vips ?? []) state('keepalived_vrrp_state', vip.split(' '));
    for (const vip of data.evips ?? []) state('keepalived_vrrp_excluded_state', vip.split(' '));
  }
  return found.sort();
}

describe('the pair as keepalived-exporter tells it', () => {
  it('is what that would make of the dump', async () => {
    await box.time.advance(5000);
    box.hear({ priority: 0, vrid: 52 });
    const all = lines(keepalivedText(box.pair.figures(), query()));
    const said = all.filter((line) => !line.startsWith('keepalived_script_')).sort();
    expect(said).toEqual(exported(JSON.parse(jsonText(box.pair.view())) as Dumped[]));
    expect(said).toContain('keepalived_vrrp_state iname=VI_1 intf=eth0 vrid=51 ip_address=10.77.0.100/24 2');
    expect(said).toContain('keepalived_vrrp_excluded_state iname=VI_1 intf=eth0 vrid=51 ip_address=10.77.0.200/24 2');
    expect(said).toContain('keepalived_gratuitous_arp_delay_total iname=VI_1 intf=eth0 vrid=51 3');
    expect(said).toContain('keepalived_advertisements_sent_total iname=VI_1 intf=eth0 vrid=51 6');
  });

  it('has scripts: good or not, and whether they run', async () => {
    const scripts = () =>
      lines(keepalivedText(box.pair.figures(), query())).filter((line) => line.startsWith('keepalived_script_'));
    const before = box.commands.runs.length;
    box.commands.answer = null;
    await box.time.advance(2000);
    expect(scripts()).toEqual([
      'keepalived_script_status name=chk_good 1',
      'keepalived_script_status name=chk_bad 1',
      'keepalived_script_state name=chk_good 1',
      'keepalived_script_state name=chk_bad 1',
    ]);
    for (const run of box.commands.runs.slice(before)) {
      if (run.argv[0] === '/bin/true') run.end({ exitCode: 0, how: '' });
      if (run.argv[0] === '/bin/false') run.end({ exitCode: 1, how: 'exit status 1' });
    }
    await box.time.advance(0);
    expect(scripts()).toEqual([
      'keepalived_script_status name=chk_good 1',
      'keepalived_script_status name=chk_bad 0',
      'keepalived_script_state name=chk_good 0',
      'keepalived_script_state name=chk_bad 0',
    ]);
  });

  it('leaves out what is not asked for', () => {
    const parsed = parseMetricsQuery('metrics=keepalived_up,tandem_vrrp_priority') ?? query();
    expect(lines(keepalivedText(box.pair.figures(), parsed))).toEqual(['keepalived_up 1']);
    expect(lines(pairText(box.pair.figures(), parsed))).toHaveLength(2);
  });
});

describe('the pair in families of ours', () => {
  it('has priorities, alarms, and how late adverts left', async () => {
    await box.time.advance(2000);
    box.time.suspend(1150);
    await box.time.advance(0);
    box.hear({ vrid: 52, version: 3 });
    const said = lines(pairText(box.pair.figures(), query()));
    expect(said).toContain('tandem_vrrp_priority iname=VI_1 intf=eth0 vrid=51 255');
    expect(said).toContain('tandem_vrrp_configured_priority iname=VI_2 intf=eth0 vrid=52 90');
    expect(said).toContain('tandem_vrrp_holds_addresses iname=VI_1 intf=eth0 vrid=51 1');
    expect(said).toContain('tandem_vrrp_faults iname=VI_1 intf=eth0 vrid=51 0');
    expect(said).toContain('tandem_vrrp_last_transition_timestamp_seconds iname=VI_1 intf=eth0 vrid=51 1700000000');
    expect(said).toContain('tandem_vrrp_alarms_total iname=VI_2 intf=eth0 vrid=52 alarm=other-version 1');
    const late = said.filter((line) => line.startsWith('tandem_vrrp_advert_lateness_seconds') && line.includes('VI_1'));
    const who = 'iname=VI_1 intf=eth0 vrid=51';
    expect(late).toContain(`tandem_vrrp_advert_lateness_seconds_bucket ${who} le=0.1 2`);
    expect(late).toContain(`tandem_vrrp_advert_lateness_seconds_bucket ${who} le=0.2 3`);
    expect(late).toContain(`tandem_vrrp_advert_lateness_seconds_count ${who} 3`);
    expect(late).toContain(`tandem_vrrp_advert_lateness_seconds_sum ${who} 0.15`);
  });
});
