/** Bytes (latin1 strings) as text that can be read, pasted into a test, and turned back. */
export function printable(input: string): string {
  return input.replace(/[\\\x00-\x1f\x7f-\xff]/g, (char) => {
    switch (char) {
      case '\\':
        return '\\\\';
      case '\r':
        return '\\r';
      case '\n':
        return '\\n';
      case '\t':
        return '\\t';
      default:
        return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
    }
  });
}

export function fromPrintable(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|(.))/gis, (_all, hex: string | undefined, letter: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    switch (letter) {
      case 'r':
        return '\r';
      case 'n':
        return '\n';
      case 't':
        return '\t';
      default:
        return letter ?? '';
    }
  });
}
