/** keepalived_check.data: every kind of check, with keepalived's labels. */
import { expect, it } from 'vitest';
import { checkLines } from '../../src/daemon/check-dump.ts';
import { FakePair } from '../support/fake-pair.ts';

const CONF = `virtual_server_group web {
  192.0.2.1-9 80
  192.0.2.20 80
}
vrrp_track_file load {
  file /nowhere/load
}
virtual_server 192.0.2.1 443 {
  delay_loop 6
  protocol TCP
  lb_algo mh
  mh-port
  lb_kind NAT
  persistence_timeout 300
  persistence_granularity 255.255.254.0
  quorum 2
  hysteresis 1
  quorum_up "/bin/up now"
  ha_suspend
  sorry_server 10.0.0.9 443
  real_server 10.0.0.71 443 {
    weight 3
    uthreshold 100
    lthreshold 50
    inhibit_on_failure
    notify_down "/bin/down"
    TCP_CHECK {
      connect_ip 10.0.0.70
      bindto 10.0.0.1
      connect_timeout 2
    }
    HTTP_GET {
      url {
        path /health
        status_code 200
      }
    }
  }
  real_server 10.0.0.72 443 {
    PING_CHECK {
    }
    SMTP_CHECK {
      helo_name box
    }
    DNS_CHECK {
      type A
      name www.example.com
    }
    MISC_CHECK {
      misc_path "/bin/check it"
      misc_timeout 4
    }
  }
}
virtual_server group web {
  protocol TCP
  lb_algo sh
  lb_kind DR
  real_server 10.0.0.74 80 {
  }
}
virtual_server fwmark 5 {
  protocol UDP
  lb_algo rr
  lb_kind NAT
  real_server 10.0.0.73 53 {
    UDP_CHECK {
      require_reply
    }
    FILE_CHECK {
      track_file load
    }
  }
}
`;

it('says what was understood, and how it is', async () => {
  const box = new FakePair();
  expect(await box.start(CONF)).toEqual([]);
  box.layer4.checkOf('10.0.0.72').find(false);
  const lines = checkLines(box.pair.view(), box.pair.virtualServers());
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('check-dump.data.txt');
});

it('without virtual servers nothing', async () => {
  const box = new FakePair();
  await box.start('');
  expect(checkLines(box.pair.view(), box.pair.virtualServers())).toEqual([]);
});
