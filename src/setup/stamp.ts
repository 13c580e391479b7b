/**
 * Whose a file is: what Tandem writes ends with a line that has the sum of all before it. Where that is right nobody has
 * changed it since, and it may be replaced or removed; where it is wrong or missing, it is somebody's.
 */
import { createHash } from 'node:crypto';

const LINE = /^# Written by `tandem install`\. While its sum is ([0-9a-f]{16}), `tandem install` may replace it\.\n$/;

export function stamped(text: string): string {
  return `${text}${lineFor(text)}`;
}

export function isUntouched(text: string): boolean {
  const at = text.lastIndexOf('\n', text.length - 2) + 1;
  return LINE.test(text.slice(at)) && text.slice(at) === lineFor(text.slice(0, at));
}

function lineFor(text: string): string {
  const sum = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `# Written by \`tandem install\`. While its sum is ${sum}, \`tandem install\` may replace it.\n`;
}
