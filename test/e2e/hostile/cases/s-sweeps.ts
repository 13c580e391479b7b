/** Group S: every byte value at each place where one of them decides how long a body is, or what is a field. */
import { type Expectation, HELLO, post, type RequestCase } from '../case.ts';

interface Place {
  readonly slug: string;
  readonly rfc: string;
  readonly why: string;
  readonly raw: (character: string) => string;
  /** What is right for a character that is not refused here. */
  readonly tolerated: (character: string) => Partial<RequestCase> | undefined;
}

const isBlank = (character: string): boolean => character === ' ' || character === '\t';
/** Blanks are trimmed; a comma makes an empty member (RFC 9110 5.6.1); CR and LF may be repaired into line ends. */
const isTolerated = (character: string): boolean => isBlank(character) || [',', '\r', '\n'].includes(character);
const isDigit = (character: string): boolean => character >= '0' && character <= '9';
const isToken = (character: string): boolean => /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(character);
const either = (more: Partial<RequestCase>): Partial<RequestCase> => ({ expect: 'either', ...more });
const aroundCoding = (character: string) => (isTolerated(character) ? either({ body: 'hello' }) : undefined);

const PLACES: readonly Place[] = [
  {
    slug: 'before-chunked',
    rfc: '9112 6.1',
    why: 'Another coding, or none, for who does not skip this byte.',
    raw: (character) => post(`Transfer-Encoding: ${character}chunked`, HELLO),
    tolerated: aroundCoding,
  },
  {
    slug: 'after-chunked',
    rfc: '9112 6.1',
    why: 'Another coding, or none, for who does not skip this byte.',
    raw: (character) => post(`Transfer-Encoding: chunked${character}`, HELLO),
    tolerated: aroundCoding,
  },
  {
    slug: 'inside-chunked',
    rfc: '9112 6.1',
    why: 'Another coding for who does not skip this byte.',
    raw: (character) => post(`Transfer-Encoding: chun${character}ked`, HELLO),
    tolerated: () => undefined,
  },
  {
    slug: 'before-coding-colon',
    rfc: '9110 5.1, 9112 5.1',
    why: 'Another name, or a broken one, for who does not skip this byte.',
    raw: (character) => post(`Transfer-Encoding${character}: chunked\r\nContent-Length: 5`, 'hello'),
    tolerated: (character) => (isToken(character) ? either({ body: 'hello' }) : undefined),
  },
  {
    slug: 'before-coding-name',
    rfc: '9110 5.1, 9112 5',
    why: 'Another name, or a broken one, for who does not skip this byte.',
    raw: (character) => post(`X-A: b\r\n${character}Transfer-Encoding: chunked\r\nContent-Length: 5`, 'hello'),
    tolerated: (character) => {
      if (isToken(character) || isBlank(character)) return either({ body: 'hello' });
      // An LF alone, or CR LF, may be taken for the end of the head.
      return character === '\n' || character === '\r' ? either({ requests: [0, 2] }) : undefined;
    },
  },
  {
    slug: 'after-length',
    rfc: '9110 8.6',
    why: 'Another number, or none, for who does not stop at this byte.',
    raw: (character) => {
      const length = isDigit(character) ? Number(`5${character}`) : 5;
      return post(`Content-Length: 5${character}`, 'hello'.padEnd(length, '!'));
    },
    tolerated: (character) => (isDigit(character) || isTolerated(character) ? either({}) : undefined),
  },
  {
    slug: 'before-length',
    rfc: '9110 8.6',
    why: 'Another number, or none, for who does not skip this byte.',
    raw: (character) => {
      const length = isDigit(character) ? Number(`${character}5`) : 5;
      return post(`Content-Length: ${character}5`, 'hello'.padEnd(length, '!'));
    },
    tolerated: (character) => (isDigit(character) || isBlank(character) || character === '\r' ? either({}) : undefined),
  },
  {
    slug: 'after-length-name',
    rfc: '9110 5.1',
    why: 'Another name, or a broken one, for who does not stop at this byte.',
    raw: (character) => post(`Content-Length${character}: 5`, isToken(character) ? '' : 'hello'),
    tolerated: (character) => (isToken(character) ? either({ body: '' }) : undefined),
  },
  {
    slug: 'after-chunk-size',
    rfc: '9112 7.1',
    why: 'Another size for who does not stop at this byte.',
    raw: (character) => {
      const size = /[0-9a-f]/i.test(character) ? Number.parseInt(`5${character}`, 16) : 5;
      return post('Transfer-Encoding: chunked', `5${character}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`);
    },
    tolerated: (character) =>
      /[0-9a-f]/i.test(character) || isBlank(character) || character === ';' ? either({}) : undefined,
  },
];

const REFUSED: Expectation = 'refuse';

function caseOf(place: Place, byte: number): RequestCase {
  const character = String.fromCharCode(byte);
  return {
    id: `S-${place.slug}-0x${byte.toString(16).padStart(2, '0')}`,
    expect: place.slug === 'after-chunk-size' ? 'cut' : REFUSED,
    steps: [{ send: place.raw(character) }],
    why: place.why,
    rfc: place.rfc,
    ...place.tolerated(character),
  };
}

export const SWEEP_CASES: readonly RequestCase[] = PLACES.flatMap((place) =>
  Array.from({ length: 256 }, (_, byte) => caseOf(place, byte)),
);
