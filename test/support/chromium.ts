/**
 * A real browser without a screen, driven over its own debugging protocol (CDP): pages are opened, looked at by expressions
 * that run in them, and clicked and typed into as a person does. What the page complains about and asks for is kept.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'undici';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

const OPTIONS = [
  '--headless=new',
  // As root there is no other way, and it sees our own pages only.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--no-default-browser-check',
  '--hide-scrollbars',
  '--remote-debugging-port=0',
];
const POLL_MS = 25;
const START_MS = 45_000;
const START_TRIES = 3;

export class Chromium {
  readonly #child: ChildProcess;
  readonly #socket: WebSocket;
  readonly #folder: string;
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #pages = new Map<string, (message: Message) => void>();
  #last = 0;

  private constructor(child: ChildProcess, socket: WebSocket, folder: string) {
    this.#child = child;
    this.#socket = socket;
    this.#folder = folder;
    socket.addEventListener('message', ({ data }) => this.#hear(JSON.parse(String(data))));
  }

  /** On a busy machine it now and then does not come to its beginning. */
  static async start(program: string): Promise<Chromium> {
    for (let tries = 1; ; tries++) {
      try {
        return await Chromium.#begin(program);
      } catch (error) {
        if (tries === START_TRIES) throw error;
      }
    }
  }

  static async #begin(program: string): Promise<Chromium> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-chromium-'));
    const child = spawn(program, [...OPTIONS, `--user-data-dir=${folder}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    try {
      const url = await debuggingUrl(child);
      const socket = new WebSocket(url);
      await new Promise<void>((resolve, reject) => {
        socket.addEventListener('open', () => resolve());
        socket.addEventListener('error', () => reject(new Error(`no debugger at ${url}`)));
      });
      return new Chromium(child, socket, folder);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  async newPage(): Promise<Page> {
    const { targetId } = await this.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page((method, params) => this.send(method, params, sessionId));
    this.#pages.set(sessionId, (message) => page.hear(message.method ?? '', message.params));
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.send(`${domain}.enable`, {}, sessionId);
    return page;
  }

  send<T>(method: string, params: object = {}, sessionId?: string): Promise<T> {
    const id = ++this.#last;
    return new Promise<T>((resolve, reject) => {
      this.#answers.set(id, ({ error, result }) => {
        if (error === undefined) resolve(result as T);
        else reject(new Error(`${method}: ${error.message}`));
      });
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  }

  #hear(message: Message): void {
    if (message.id === undefined) {
      this.#pages.get(message.sessionId ?? '')?.(message);
      return;
    }
    this.#answers.get(message.id)?.(message);
    this.#answers.delete(message.id);
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    // It ends its children, and what they write, before it ends itself.
    this.send('Browser.close').catch(() => {});
    const late = await Promise.race([gone.then(() => false), sleep(5000, true, { ref: false })]);
    if (late) {
      this.#child.kill('SIGKILL');
      await gone;
    }
    this.#socket.close();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

export class Page {
  readonly #send: (method: string, params?: object) => Promise<unknown>;
  /** Errors of scripts, of the console, of the policy. */
  readonly complaints: string[] = [];
  /** URLs of all that was asked for. */
  readonly requests: string[] = [];

  constructor(send: (method: string, params?: object) => Promise<unknown>) {
    this.#send = send;
  }

  hear(method: string, params: unknown): void {
    switch (method) {
      case 'Network.requestWillBeSent':
        this.requests.push((params as { request: { url: string } }).request.url);
        break;
      case 'Runtime.exceptionThrown':
      case 'Log.entryAdded':
      case 'Runtime.consoleAPICalled':
        this.complaints.push(JSON.stringify(params));
        break;
      default:
    }
  }

  async open(url: string): Promise<void> {
    await this.#send('Page.navigate', { url });
  }

  /** By Basic authentication, for all that it asks for. */
  async logIn(name: string, password: string): Promise<void> {
    const word = Buffer.from(`${name}:${password}`).toString('base64');
    await this.#send('Network.setExtraHTTPHeaders', { headers: { Authorization: `Basic ${word}` } });
  }

  /** The value of an expression in the page. */
  async value<T>(expression: string): Promise<T> {
    const answer = (await this.#send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })) as {
      result: { value: T };
      exceptionDetails?: unknown;
    };
    if (answer.exceptionDetails !== undefined) {
      throw new Error(`${expression}: ${JSON.stringify(answer.exceptionDetails).slice(0, 600)}`);
    }
    return answer.result.value;
  }

  /** Returns what it has waited for: an expression that becomes true. */
  async until<T>(expression: string, deadlineMs = 60_000): Promise<T> {
    const endMs = performance.now() + deadlineMs;
    for (;;) {
      const found = await this.value<T>(expression);
      if (found) return found;
      if (performance.now() > endMs) {
        const text = await this.value<string>('document.body.innerText');
        throw new Error(`not within ${deadlineMs} ms: ${expression}\n${text}\n${this.complaints.join('\n')}`);
      }
      await sleep(POLL_MS);
    }
  }

  async press(key: string): Promise<void> {
    const codes: Readonly<Record<string, number>> = { Tab: 9, Enter: 13, Escape: 27, ArrowLeft: 37 };
    const event = {
      key,
      code: key,
      windowsVirtualKeyCode: codes[key] ?? 0,
      ...(key === 'Enter' ? { text: '\r' } : {}),
    };
    await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  async type(text: string): Promise<void> {
    await this.#send('Input.insertText', { text });
  }

  /** In the middle of what the selector finds first, which is scrolled into sight. */
  async click(selector: string): Promise<void> {
    const element = `document.querySelector(${JSON.stringify(selector)})`;
    await this.until(`${element} !== null`);
    const { x, y } = await this.value<{ x: number; y: number }>(`(() => {
      const element = ${element};
      element.scrollIntoView({ block: 'center' });
      const { left, top, width, height } = element.getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    })()`);
    for (const type of ['mousePressed', 'mouseReleased']) {
      await this.#send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
    }
  }

  async look(media: { readonly theme?: 'light' | 'dark'; readonly reducedMotion?: boolean }): Promise<void> {
    const features = [
      { name: 'prefers-color-scheme', value: media.theme ?? 'light' },
      { name: 'prefers-reduced-motion', value: media.reducedMotion === true ? 'reduce' : 'no-preference' },
    ];
    await this.#send('Emulation.setEmulatedMedia', { features });
  }

  async resize(width: number, height: number): Promise<void> {
    const mobile = width < 600;
    await this.#send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile });
  }

  async screenshot(): Promise<Buffer> {
    const { data } = (await this.#send('Page.captureScreenshot', { format: 'png' })) as { data: string };
    return Buffer.from(data, 'base64');
  }
}

/** It says where on its standard error. */
function debuggingUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-65_536);
      const [url] = /ws:\/\/\S+(?=\s)/.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`chromium ended with ${code}:\n${said}`)));
    setTimeout(() => reject(new Error(`chromium says no address:\n${said}`)), START_MS).unref();
  });
}
