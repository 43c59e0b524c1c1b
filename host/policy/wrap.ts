/** Text wrapped at spaces. */

/**
 * `text` as lines of at most `width` characters: the first begins with `first`, the others with
 * as many spaces. A word that is longer than a line gets a line of its own.
 */
export function wrap(text: string, first: string, width: number): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = " ".repeat(first.length);
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  lines.push(line);
  return lines;
}
