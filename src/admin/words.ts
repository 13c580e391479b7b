/**
 * A line of commands → words. `;` separates commands, blanks separate words, a backslash takes the meaning from what
 * follows it.
 */

/** The commands of a line, each as its words; one without words is an empty list. */
export function splitLine(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  let word: string | null = null;
  const endWord = (): void => {
    if (word !== null) commands.at(-1)?.push(word);
    word = null;
  };
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string;
    if (char === '\\' && i + 1 < line.length) {
      word = (word ?? '') + line[++i];
    } else if (char === ';') {
      endWord();
      commands.push([]);
    } else if (char === ' ' || char === '\t' || char === '\r') endWord();
    else word = (word ?? '') + char;
  }
  endWord();
  return commands;
}
