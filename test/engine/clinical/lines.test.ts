/** Lines of a text file: their ends, and a limit that holds before memory is used. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'vitest';
import { linesOf } from '../../../src/engine/clinical/lines.ts';
import { refusal } from '../../support/refusal.ts';
import { each } from './collected.ts';

async function lines(pieces: AsyncIterable<string>, longest?: number): Promise<string[]> {
  const all: string[] = [];
  for await (const line of linesOf(pieces, 'file 1', longest)) all.push(line);
  return all;
}

test('end at every line feed, wherever the pieces end', async () => {
  deepStrictEqual(await lines(each(['a', 'b\nc', '\n', '\n\nd\r\ne'])), [
    'ab',
    'c',
    '',
    '',
    'd\r',
    'e',
  ]);
  deepStrictEqual(await lines(each([''])), []);
});

test('a line that never ends is refused when it passes the limit', async () => {
  let taken = 0;
  async function* endless(): AsyncGenerator<string> {
    for (;;) {
      taken += 1;
      yield await Promise.resolve('x'.repeat(1000));
    }
  }
  await rejects(lines(endless(), 10_000), refusal('COHORT_UNREADABLE'));
  equal(taken, 11);
});
