/** What is told about virtual servers, and the end of it. Scripts and mails of virtual routers: pair.test.ts, mail.test.ts. */
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { PairNotify } from '../../src/daemon/pair-notify.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { FakeTime, settle } from '../support/fake-time.ts';
import { pairModel } from '../support/pair-model.ts';
import { script } from '../support/pool-scene.ts';
import { smtpServer } from '../support/smtp-server.ts';

const commands = new FakeCommands();
const time = new FakeTime();
const said: string[] = [];
let open: Server | null = null;

afterEach(() => {
  open?.close();
  open = null;
  commands.runs.length = 0;
  said.length = 0;
});

function notify(port: number): PairNotify {
  const model = pairModel(`global_defs {
  notification_email {
    root@example.net
  }
  smtp_server 127.0.0.1 ${port}
}`);
  const journal = { info: (text: string) => said.push(text), warning: (text: string) => said.push(text) };
  return new PairNotify(model, commands, () => ({}), journal, time);
}

describe('scripts', () => {
  it('of one virtual server run one after the other, those of another do not wait for them', async () => {
    const all = notify(25);
    const [web, mail] = [all.virtualServer('web'), all.virtualServer('mail')];
    web.run(script('one'));
    web.run(script('two'));
    mail.run(script('three'));
    await settle();
    const ran = () => commands.runs.map(({ argv }) => argv.join(' '));
    expect(ran()).toEqual(['one', 'three']);
    commands.runs[0]?.end({});
    await settle();
    expect(ran()).toEqual(['one', 'three', 'two']);
  });
});

describe('the end', () => {
  it('waits until mails are sent', async () => {
    const { server, port, heard } = await smtpServer();
    open = server;
    const all = notify(port);
    all.virtualServer('web').mail('Shut', 'down\n');
    await all.stop();
    expect(heard).toContain('Subject: Shut');
    expect(heard).toContain('down');
    expect(said).toEqual([]);
    expect(time.due).toEqual([]);
  });

  it('waits no longer than 3 s for a mail server that says nothing', async () => {
    const server = createServer((socket) => socket.on('error', () => {}));
    open = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const all = notify(typeof address === 'object' ? (address?.port ?? 0) : 0);
    all.virtualServer('web').mail('Shut', 'down\n');
    let isOver = false;
    const stopped = all.stop().then(() => {
      isOver = true;
    });
    await settle();
    await time.advance(2999);
    expect(isOver).toBe(false);
    await time.advance(1);
    await stopped;
  });
});
