/** Clients that ask again and again, and notice whatever does not come, or not whole. */
import { connect, type Socket } from 'node:net';

/** Asks again and again, on connections as they come, until it is told to stop. */
export class SteadyClient {
  answers = 0;
  /** Answers that were none, or not whole. */
  readonly broken: string[] = [];
  #over = false;
  readonly #done: Promise<void>;

  /** Answers end with the path that was asked for. */
  constructor(port: number, keeps: boolean) {
    this.#done = this.#run(port, keeps);
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#done;
  }

  async #run(port: number, keeps: boolean): Promise<void> {
    while (!this.#over) {
      const connection = new Conversation(port);
      for (let first = true; ; first = false) {
        const path = `/${this.answers}`;
        const answer = await connection.ask(
          `GET ${path} HTTP/1.1\r\nHost: x\r\n${keeps ? '' : 'Connection: close\r\n'}\r\n`,
        );
        // RFC 9112 9.3.1: a connection that waited for us may end at any time; then it is asked anew.
        if (answer === '' && !first) break;
        if (/^HTTP\/1\.1 200 /.test(answer) && answer.endsWith(` ${path}`)) this.answers++;
        else this.broken.push(answer);
        if (this.#over || /\r\nconnection: close\r\n/i.test(answer) || answer === '') break;
      }
      connection.end();
    }
  }
}

export class Conversation {
  readonly #socket: Socket;
  #text = '';
  #ended = false;
  #news: () => void = () => {};

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
      this.#news();
    });
    const gone = (): void => {
      this.#ended = true;
      this.#news();
    };
    this.#socket.on('end', gone);
    this.#socket.on('error', gone);
  }

  /** A whole answer with a length; what there is of it if the connection ends. */
  async ask(request: string): Promise<string> {
    this.#socket.write(request, 'latin1');
    return this.read((text) => {
      const head = text.indexOf('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      return head >= 0 && (length === undefined || text.length >= head + 4 + Number(length));
    });
  }

  async read(enough: (text: string) => boolean): Promise<string> {
    while (!this.#ended && !enough(this.#text)) await new Promise<void>((resolve) => (this.#news = resolve));
    const text = this.#text;
    this.#text = '';
    return text;
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  get ended(): boolean {
    return this.#ended;
  }

  end(): void {
    this.#socket.destroy();
  }
}
