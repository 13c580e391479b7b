/** Configurations and messages that the scenarios of sessions share. */
export const PORT = 8001;

export interface Web {
  /** Lines of the section. */
  readonly lines?: string;
  /** What follows the address of the server. */
  readonly server?: string;
  /** How many servers: on 8001, 8002, … */
  readonly servers?: number;
}

export function web({ lines = '', server = '', servers = 1 }: Web = {}): string {
  const all = Array.from({ length: servers }, (_, i) => ` server s${i + 1} 192.0.2.11:${PORT + i} ${server}`);
  return `
listen web
 mode http
 timeout connect 1s
 timeout client 10s
 timeout server 5s
 ${lines}
 bind :80
${all.join('\n')}
`;
}

export function get(path = '/', fields = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
}

export function post(body: string, path = '/', fields = ''): string {
  return `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
}

export function ok(body = 'hi', fields = ''): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
}

/** The status of each response in what a client received: bodies with a length only. */
export function statuses(text: string): number[] {
  const found: number[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\r\n\r\n', at);
    if (end < 0) throw new Error(`not a response: ${text.slice(at, at + 80)}`);
    const head = text.slice(at, end);
    found.push(Number(head.slice(9, 12)));
    at = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  }
  return found;
}
