/** Seconds since 1970 as dates: `utime(format)`, `ltime(format)` by strftime's letters, `http_date`. */
import type { Converter } from './converters.ts';
import { type CalendarDate, formatDate, localDate, universalDate } from './strftime.ts';
import { SAMPLE_INTEGER, SAMPLE_TEXT } from './value.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** HAProxy keeps so many bits, so that no date is negative. */
const MASK = 0x007fffffffffffffn;

function formatted(calendar: (seconds: bigint) => CalendarDate): Converter {
  return {
    takes: SAMPLE_INTEGER,
    make: (args) => {
      const format = args.text(0);
      const offset = args.wide(1);
      return (value) => {
        const into = value.other();
        const text = formatDate(format, calendar((value.exact() & MASK) + offset));
        return value.setRange(SAMPLE_TEXT, into, 0, into.write(text));
      };
    },
  };
}

const two = (value: number): string => String(value).padStart(2, '0');

/** RFC 9110 5.6.7; the fraction, where there is one, is not padded. */
function httpDate(date: CalendarDate, fraction: string): string {
  const day = `${DAYS[date.weekday]}, ${two(date.day)} ${MONTHS[date.month]} ${String(date.year).padStart(4, '0')}`;
  return `${day} ${two(date.hour)}:${two(date.minute)}:${two(date.second)}${fraction} GMT`;
}

const UNITS: Readonly<Record<string, bigint>> = { ms: 1000n, us: 1_000_000n };

export const DATES: Readonly<Record<string, Converter>> = {
  utime: formatted(universalDate),
  ltime: formatted(localDate),
  http_date: {
    takes: SAMPLE_INTEGER,
    make: (args) => {
      const offset = args.wide(0);
      const unit = UNITS[args.text(1)] ?? 1n;
      return (value) => {
        const time = value.exact() + offset;
        const fraction = unit === 1n ? '' : `.${time % unit}`;
        const into = value.other();
        const text = httpDate(universalDate((time / unit) & MASK), fraction);
        return value.setRange(SAMPLE_TEXT, into, 0, into.write(text, 'latin1'));
      };
    },
  },
};
