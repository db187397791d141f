/** Plain text tables for a terminal: columns aligned, wide East Asian characters counted as two. @module */

export type Column = { readonly title: string; readonly align?: 'left' | 'right' };

const GAP = '  ';
/** Scripts that terminals draw two cells wide (UAX #11, W and F), as far as cohort labels use them. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const ZERO = /[\p{Mn}\p{Me}\u200b]/u;

/** Cells that `text` takes on a terminal. */
export const displayWidth = (text: string): number =>
  Array.from(text).reduce((sum, c) => sum + (ZERO.test(c) ? 0 : WIDE.test(c) ? 2 : 1), 0);

/** Text of strangers without the characters that steer a terminal. */
export const plain = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');

const pad = (text: string, width: number, align: 'left' | 'right'): string => {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'right' ? space + text : text + space;
};

/** The lines of a table with a header and a rule below it. No line ends in white space. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  const cells = rows.map((row) => row.map(plain));
  const widths = columns.map(({ title }, i) =>
    Math.max(displayWidth(title), ...cells.map((row) => displayWidth(row[i] ?? ''))),
  );
  const line = (texts: readonly string[]): string =>
    columns
      .map(({ align = 'left' }, i) => pad(texts[i] ?? '', widths[i] ?? 0, align))
      .join(GAP)
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join(GAP);
  return [line(columns.map(({ title }) => title)), rule, ...cells.map(line)];
}

/** Lines of "name  value", the names aligned. */
export function factLines(facts: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...facts.map(([name]) => displayWidth(name)));
  return facts.map(([name, value]) => `${pad(name, width, 'left')}${GAP}${plain(value)}`.trimEnd());
}
