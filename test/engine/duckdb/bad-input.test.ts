/** Input that is too wide, too long or too repetitive: refused early, or read all the same. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Refusal } from '../../../src/base/errors.ts';
import { withinLines } from '../../../src/engine/duckdb/csv-file.ts';
import { refusal } from '../../support/refusal.ts';
import { load, section } from './loaded.ts';

const few = section({ columns: { age: { type: 'integer', min: 0, max: 110 } } });

describe('a line that never ends', () => {
  const MEGABYTE = 'x'.repeat(1 << 20);

  /** A file of 1 GB in one line, and how much of it was asked for. */
  function gigabyte() {
    const taken = { megabytes: 0 };
    async function* pieces(): AsyncGenerator<string> {
      yield await Promise.resolve('pid,age\n');
      for (; taken.megabytes < 1024; taken.megabytes += 1) yield await Promise.resolve(MEGABYTE);
    }
    return { taken, pieces: pieces() };
  }

  const read = async (pieces: AsyncIterable<string>): Promise<number> => {
    let length = 0;
    for await (const piece of withinLines(pieces, 'file 1')) length += piece.length;
    return length;
  };

  test('is refused when it is too long, and not read to its end', async () => {
    const { taken, pieces } = gigabyte();
    await rejects(
      read(pieces),
      (error) => error instanceof Refusal && /^file 1: a line of more than/.test(error.detail),
    );
    ok(taken.megabytes < 3, `${taken.megabytes} MB were read`);
  });

  test('is not what many short ones are, wherever the pieces end', async () => {
    const half = 'x'.repeat(1 << 19);
    async function* short(): AsyncGenerator<string> {
      for (let i = 0; i < 64; i += 1) {
        yield await Promise.resolve(half);
        yield `${half}x\n${half}\n\n`;
      }
    }
    equal(await read(short()), 64 * (3 * half.length + 4));
  });

  test('in a file is refused', async () => {
    const text = `pid,age\n1,${'1'.repeat(2_000_001)}\n`;
    await rejects(load(few, [text]), refusal('COHORT_UNREADABLE'));
  });
});

describe('10,000 columns', () => {
  test('of which two are used are read', async () => {
    const names = Array.from({ length: 9998 }, (_, i) => `c${i}`);
    const { report } = await load(few, ['pid,age\n1,40\n']);
    const ones = names.map(() => '1').join(',');
    const csv = await load(few, [`pid,${names.join(',')},age\n1,${ones},40\n`]);
    deepStrictEqual(csv.report, report);
  });
});

describe('headers', () => {
  test('twice matter where they are used, and are compared as the study writes them', async () => {
    const { report } = await load(few, ['pid,age\n1,40\n']);
    deepStrictEqual((await load(few, ['pid,x,x,age\n1,2,3,40\n'])).report, report);
    const twice = (text: string) => rejects(load(few, [text]), refusal('COHORT_COLUMN_TWICE'));
    await twice('pid,age,age\n1,40,41\n');
    await twice('pid,age, age \n1,40,41\n');
    await twice('pid,pid,age\n1,2,40\n');
  });
});

describe('dates', () => {
  const visits = section({
    columns: { visit: { type: 'date', min: '2015-01-01', max: '2025-12-31' } },
  });

  test('that cannot be read are counted, and no other day stands in for them', async () => {
    const unreadable = [
      ...['2021-02-29', '2021-13-01', '2021-00-10', '2021-1-1', '01/02/2021', '01.02.2021'],
      ...['20210102', '2021-01-02Z', '2021-01-02T25:00', '2021-01-02T10:00+09:00', '令和3年1月2日'],
      ...['44198', '-2021-01-02', '+2021-01-02', '2021-01-02 x', '１９９９-01-01', 'infinity'],
    ];
    // Days that no calendar has are unreadable; times of day are not looked at any further.
    const rows = unreadable.map((text, i) => `${i},${text}\n`).join('');
    const { report } = await load(visits, [`pid,visit\n${rows}`]);
    const [visit] = report.columns;
    deepStrictEqual(
      [visit?.unparsable, visit?.outOfDomain],
      [unreadable.length - 1, 0],
      'all but 2021-01-02T25:00, whose day is plain',
    );
  });
});
