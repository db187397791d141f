/** Records of CSV files that are longer than a chunk, and the forms that RFC 4180 allows. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { Refusal } from '../../src/base/errors.ts';
import { csvRecords } from '../../src/cli/csv-records.ts';
import { scratch } from '../support/scratch.ts';
import { Seeded } from '../support/seeded.ts';

const missing = (columns: readonly string[]): Refusal =>
  new Refusal('INVALID_PARAMETER', columns.join(' '));

async function read(text: string, ...wanted: string[]): Promise<(string | undefined)[][]> {
  const file = join(scratch(), 'table.csv');
  writeFileSync(file, text);
  const rows: (string | undefined)[][] = [];
  for await (const row of csvRecords(file, 'utf-8', new Set(wanted), missing))
    rows.push(wanted.map((column) => row.get(column)));
  return rows;
}

describe('csvRecords', () => {
  test.each([
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['no line break at the end', 'a,b\n1,2\n3,4'],
    ['blank lines', 'a,b\n\n1,2\r\n\r\n3,4\n\n'],
    ['quotes around everything', '"a","b"\r\n"1","2"\r\n"3","4"'],
    ['a byte order mark', '\ufeffa,b\n1,2\n3,4\n'],
    ['tabs', 'a\tb\n1\t2\n3\t4\n'],
    ['semicolons', 'a;b\n1;2\n3;4\n'],
    ['another column first, spaces in the header', 'x, b , a\n0,2,1\n0,4,3\n'],
  ])('%s', async (_, text) => {
    deepStrictEqual(await read(text, 'a', 'b'), [
      ['1', '2'],
      ['3', '4'],
    ]);
  });

  test('quotes, separators and line breaks inside quotes; empty fields', async () => {
    const text = 'a,b\n"x,""y""\r\nz",\n,""\n"",q"r\n';
    deepStrictEqual(await read(text, 'a', 'b'), [
      ['x,"y"\r\nz', ''],
      ['', ''],
      ['', 'q"r'],
    ]);
  });

  test('a header without rows is a table without rows', async () => {
    deepStrictEqual(await read('a,b\n', 'a'), []);
  });

  test('3 MiB: nothing is lost or joined where one chunk ends and the next begins', async () => {
    const source = new Seeded('csv', 400_000);
    const pieces = ['ä', 'サ', '𠮷', ',', '"', '\n', '\r\n', 'text', ' '];
    const field = (): string =>
      Array.from({ length: source.below(5) }, () => source.pick(pieces)).join('');
    const rows = Array.from({ length: 60_000 }, (_, i) => [String(i), `${field()}-`.repeat(10)]);
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    const text = `a,b\n${rows.map((row) => row.map(quoted).join(',')).join('\n')}\n`;
    equal(Buffer.byteLength(text) > 3 << 20, true);
    deepStrictEqual(await read(text, 'a', 'b'), rows);
  });
});
