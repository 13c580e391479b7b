/** Every expression of a request is worth what it is worth to a real haproxy, for requests of all kinds. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../../support/peers.ts';
import { SeededRandom } from '../../support/random.ts';
import { compiled, RequestScene } from './evaluation.ts';
import { HaproxySamplePeer } from './haproxy-sample-peer.ts';

const EXPRESSIONS = [
  // the client and constants
  'src',
  'fc_src',
  'src,ipmask(24)',
  'src,ipmask(255.255.0.0)',
  'dst',
  'fc_http_major',
  'src,hex',
  'src,add(1)',
  'always_true',
  'always_false',
  'str(a b),length',
  'str("x,y)")',
  "str('q\"q')",
  'int(-12)',
  'int(9223372036854775807)',
  'bool(true)',
  'bool(0)',
  'ipv4(1.2.3.4)',
  'ipv6(::1)',
  'ipv6(2001:db8:0:0:1::8)',
  'ipv6(::ffff:1.2.3.4)',
  'bin(414243)',
  'meth(POST)',
  'nbproc',
  'proc',
  'wait_end',
  'ssl_fc',
  'http_first_req',
  'ipv6(::ffff:1.2.3.4),ipmask(16)',
  'ipv6(2001:db8::1:2),ipmask(8,64)',
  'ipv6(2001:db8::1:2),ipmask(8)',
  'str(1.2.3.4),ipmask(8)',
  'str(2001:db8::9),ipmask(8,ffff::)',
  'int(16909060),ipmask(32)',
  'ipv4(1.2.3.4),bytes(1,2),hex',
  // the request's line
  'method',
  'path',
  'pathq',
  'query',
  'url',
  'url,length',
  'req.ver',
  'req_ver',
  'base',
  'baseq',
  'base32',
  'base32+src,hex',
  'url32',
  'url32+src,hex',
  'url_ip',
  'url_port',
  'req.proto_http',
  'url_param(a)',
  'urlp(b)',
  'url_param()',
  'url_param(a,;)',
  'urlp_val(a)',
  'url_param(user),upper',
  // fields
  'req.hdr(x)',
  'hdr(x)',
  'req.hdr(X,1)',
  'req.hdr(x,2)',
  'req.hdr(x,-1)',
  'req.hdr(x,-2)',
  'req.hdr(x,-3)',
  'req.fhdr(x)',
  'req.fhdr(x,1)',
  'req.fhdr(x,-2)',
  'req.hdr_cnt(x)',
  'req.fhdr_cnt(x)',
  'hdr_cnt()',
  'req.hdr_val(x)',
  'hdr_val(x,1)',
  'req.hdr_ip(x)',
  'hdr_ip(x,1)',
  'req.hdr_names',
  'req.hdr_names(|)',
  'req.hdr(nothing)',
  'req.hdr(host),lower',
  'req.hdr()',
  'req.hdr(host),host_only',
  'req.hdr(host),port_only',
  'req.fhdr(x),hex',
  'hdr_cnt',
  // cookies
  'req.cook(a)',
  'cook(b)',
  'cookie(a)',
  'req.cook()',
  'req.cook',
  'req.cook_cnt(a)',
  'cook_cnt()',
  'req.cook_val(a)',
  // pieces
  'req.fhdr(x),bytes(1)',
  'req.fhdr(x),bytes(1,2)',
  'req.fhdr(x),bytes(0,3)',
  'path,field(2,/)',
  'path,field(-1,/)',
  'path,field(2,/,2)',
  'path,field(-1,/,2)',
  'path,field(2,/,0)',
  'path,word(1,/)',
  'path,word(2,/)',
  'path,word(-1,/)',
  'path,word(1,/,2)',
  'path,word(-1,/,0)',
  'path,word(3,/.)',
  'req.fhdr(x),ltrim(" ,a")',
  'req.fhdr(x),rtrim("b ,c")',
  'req.fhdr(x),cut_crlf',
  'url,lower',
  'url,upper',
  'path,length',
  'req.fhdr(x),hex2i',
  'req.fhdr(x),length',
  // codings
  'req.fhdr(x),base64',
  'req.fhdr(x),base64,b64dec',
  'req.fhdr(x),ub64enc',
  'req.fhdr(x),ub64enc,ub64dec',
  'req.fhdr(x),b64dec',
  'req.fhdr(x),ub64dec',
  'query,url_dec',
  'query,url_dec(1)',
  'url,url_enc()',
  'url,url_enc(query)',
  'req.fhdr(x),json()',
  'req.fhdr(x),json(ascii)',
  'req.fhdr(x),json(utf8)',
  'req.fhdr(x),json(utf8s)',
  'req.fhdr(x),json(utf8p)',
  'req.fhdr(x),json(utf8ps)',
  'req.fhdr(x),be2dec(:,2)',
  'req.fhdr(x),be2dec(-,3,1)',
  'req.fhdr(x),be2hex(:,2)',
  'req.fhdr(x),be2hex()',
  'req.fhdr(x),be2hex(_,3,1)',
  'src,be2dec(.,1)',
  'src,be2hex(,1)',
  // hashes
  'url,sdbm',
  'url,sdbm(1)',
  'url,djb2',
  'url,djb2(1)',
  'url,wt6',
  'url,wt6(1)',
  'url,crc32',
  'url,crc32(1)',
  'url,crc32c',
  'url,crc32c(1)',
  'url,xxh32',
  'url,xxh32(7)',
  'url,xxh64',
  'url,xxh64(7)',
  'req.fhdr(x),sdbm',
  'req.fhdr(x),xxh64',
  'req.fhdr(x),xxh32',
  'url,sha1,hex',
  'url,sha2,hex',
  'url,sha2(512),hex',
  'url,digest(md5),hex',
  'url,digest(SHA256),hex',
  // numbers
  'req.hdr_val(x),add(5)',
  'req.hdr_val(x),sub(-5)',
  'req.hdr_val(x),mul(3)',
  'req.hdr_val(x),div(7)',
  'req.hdr_val(x),mod(7)',
  'req.hdr_val(x),div(0)',
  'req.hdr_val(x),mod(0)',
  'req.hdr_val(x),neg',
  'req.hdr_val(x),cpl',
  'req.hdr_val(x),and(255)',
  'req.hdr_val(x),or(4096)',
  'req.hdr_val(x),xor(-1)',
  'req.hdr_val(x),bool',
  'req.hdr_val(x),not',
  'req.hdr_val(x),odd',
  'req.hdr_val(x),even',
  'req.hdr(x),add(0)',
  'req.hdr(x),mul(1000000000)',
  'req.hdr(x),mul(-9223372036854775807)',
  'int(9223372036854775807),add(1)',
  'int(-9223372036854775808),sub(1)',
  'int(-9223372036854775808),div(-1)',
  'int(4611686018427387904),mul(4)',
  'int(4611686018427387904),and(6917529027641081856)',
  'int(9007199254740993),add(2)',
  'int(-9223372036854775808),neg,add(0)',
  'int(1),htonl,hex',
  'int(-1),htonl,hex',
  'int(65),hex',
  'bool(1),hex',
  'int(5),iif(yes,no)',
  'bool(0),iif(yes,no)',
  'int(0),iif("",nil)',
  'int(-7),div(2)',
  'int(-7),mod(2)',
  'int(-7),odd',
  // dates
  'int(0),utime("%Y-%m-%d %H:%M:%S")',
  'int(1700000000),utime(%a %b %e %j %U %V %W %u %w %y %C %G %g %I %p %P %k %l)',
  'int(1735603200),utime(%G-%V-%u %D %F %T %R %r %c %x %X %s %h %t)',
  'int(1700000000),ltime(%H:%M %z %Z)',
  'int(1700000000),utime(%d/%B/%A,3600)',
  'int(1700000000),http_date',
  'int(1700000000),http_date(60)',
  'int(1700000000123),http_date(0,ms)',
  'int(1700000000000123),http_date(0,us)',
  'int(-1),http_date',
  'int(1),utime(%q%Q%%%E%)',
  // rewriting and choices
  'path,regsub(/,-)',
  'path,regsub(/,-,g)',
  'path,regsub("[a-f]+","<\\0>",g)',
  "path,regsub('(.)(.)','\\2\\1',g)",
  'path,regsub(x*,-,g)',
  'path,regsub(^/,,g)',
  'url,regsub("(A)","\\1\\x41",gi)',
  'path,regsub("a|b","",g)',
  'req.hdr(accept-language),language(en;fr;de)',
  'req.hdr(accept-language),language(fr;en,xx)',
  'req.fhdr(x),language(fr;en,xx)',
];

const REQUESTS = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /a/b/c?a=1&b=2;c=3 HTTP/1.1\r\nHost: www.Example.com:8080\r\nX: a, b ,c\r\nx: "q,q", d\r\nCookie: a=1; b=2, a=3; $x=1; c\r\n\r\n',
  'POST http://10.1.2.3:81/form?user=joe&a=-12x HTTP/1.1\r\nHost: 10.1.2.3:81\r\nX: 42\r\nContent-Length: 11\r\n\r\na=b&bb=c&a=',
  'GET https://10.1.2.3 HTTP/1.0\r\nHost: 10.1.2.3\r\nX: -17, 5\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: [::1]:81\r\nX: [::1]\r\n\r\n',
  'PURGE /x//y/%41%zz?%41+b%2 HTTP/1.1\r\nHost: h\r\nX: 1.2.3.4:80\r\nX: 2001:db8::1\r\n\r\n',
  'GET /q?a=%41+b%2b HTTP/1.1\r\nHost: h\r\nX: 1.2.3.4.5, 1.2.3.4\r\nX:\r\n\r\n',
  'GET /abc/../ABC?=x&a HTTP/1.1\r\nX: ,\r\nHost: h\r\nX: ,,\r\nX: c3RyaW5n\r\nAccept-Language: fr-FR;q=0.5, en ; q=0.8 , de;q=0\r\n\r\n',
  'GET /aabbcc HTTP/1.1\r\nHost: h\r\nX: 1ffa\r\nAccept-Language: en-GB\r\nCookie: a="x;y"; ; a = 5 ; b=; aa=1\r\nCookie: a=last\r\n\r\n',
  'GET /%e4?%fc=%df&a=%ff HTTP/1.1\r\nHost: h\r\nX: \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xc0\x80\xed\xa0\x80\xff"\\/\t\r\n\r\n',
  'GET /x HTTP/1.1\r\nHost: h\r\nX: 123456789012345678901234567890\r\n\r\n',
  'GET /x HTTP/1.1\r\nHost: h\r\nX: 9223372036854775806\r\nAccept-Language: de;q=1.1, fr;q=x\r\n\r\n',
  'GET /x HTTP/1.1\r\nHost: h\r\nX: -9223372036854775809\r\nAccept-Language: xx, yy\r\n\r\n',
  'GET /x HTTP/1.1\r\nHost: h\r\nX: 0\r\nX: 1\r\nX: 2\r\nX: 3\r\nX: 4\r\nX: 5\r\nX: 6\r\nX: 7\r\nX: 8\r\nX: 9\r\nX: 10\r\nX: 11, 12\r\n\r\n',
  `GET /${'long/'.repeat(40)} HTTP/1.1\r\nHost: h\r\nX: ${'abcd'.repeat(60)}\r\n\r\n`,
];

/** As haproxy writes control characters into answers. */
function encoded(text: string): string {
  return text.replace(
    /[\x00-\x08\n-\x1f\x7f]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

const random = new SeededRandom(20261122);
const LETTERS = 'abcABC019-_.~%2f,;=&?+/ "\\:\xe9\xff';

function word(most: number, letters = LETTERS): string {
  return Array.from({ length: random.below(most + 1) }, () => letters[random.below(letters.length)]).join('');
}

function randomRequest(): string {
  const target = `/${word(20, LETTERS.replace(/[^!#-[\]-~]/g, ''))}`;
  const fields = Array.from({ length: random.below(4) }, () => {
    return `${random.pick(['X', 'x', 'Cookie', 'Accept-Language', 'Y'])}: ${word(24)}\r\n`;
  });
  return `${random.pick(['GET', 'PUT', 'FOO'])} ${target} HTTP/1.1\r\nHost: ${random.pick(['a', 'B.c:8'])}\r\n${fields.join('')}\r\n`;
}

describeWithPeer('haproxy', 'expressions like haproxy', () => {
  const peer = new HaproxySamplePeer();
  beforeAll(() => peer.start(EXPRESSIONS, ['log 127.0.0.1:9 local0', 'option httplog']));
  afterAll(() => peer.stop());
  const expressions = EXPRESSIONS.map(compiled);

  async function compare(request: string): Promise<void> {
    const address = `127.${random.below(200)}.${random.below(200)}.${1 + random.below(200)}`;
    const theirs = await peer.ask(request, address);
    const scene = new RequestScene();
    scene.request(request, address);
    const mine = expressions.map((expression) => encoded(scene.text(expression) ?? ''));
    const wrong = EXPRESSIONS.flatMap((text, i) => (mine[i] === theirs[i] ? [] : [[text, mine[i], theirs[i]]]));
    expect(wrong).toEqual([]);
  }

  it.each(REQUESTS)('of %j', compare);

  it('of random requests', async () => {
    for (let i = 0; i < 60; i++) await compare(randomRequest());
  });
});
