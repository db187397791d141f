/** Loading: what is counted for the staff, what is refused, and what is left on disk. */
import { deepStrictEqual, equal, notEqual, ok, rejects, throws } from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { Refusal } from '../../../src/base/errors.ts';
import { Rational } from '../../../src/base/rational.ts';
import { firstRecord } from '../../../src/engine/duckdb/csv-file.ts';
import { scaleOf } from '../../../src/engine/duckdb/parse-sql.ts';
import { refusal } from '../../support/refusal.ts';
import { scratch } from '../../support/scratch.ts';
import { load, loadPaths, section } from './loaded.ts';

const HEADER = 'pid,sex,age,hba1c,visit\n';
const GOOD = `${HEADER}1,F,12,5.6,2020-01-01\n2,M,99,5.66,2021-05-05\n`;

describe('what a load reports', () => {
  test('counts rows, people, dropped rows and the reason of every null', async () => {
    const { report } = await load(section(), [
      HEADER +
        '1,F,12,5.6,2020-01-01\n' +
        '1,X,NA,abc,2021-02-29\n' +
        ' 2 ,"M", 12.5 ,20.04,1999-01-01\n' +
        ',F,1,5,2020-01-01\nNA,F,1,5,2020-01-01\n' +
        '3,?,111,20.05,\n',
    ]);
    deepStrictEqual(
      { ...report, epoch: '' },
      {
        rows: 4,
        people: 3,
        dropped: { nullPerson: 2 },
        columns: [
          { name: 'age', nulls: 1, outOfDomain: 1, unparsable: 1 },
          { name: 'hba1c', nulls: 0, outOfDomain: 1, unparsable: 1 },
          { name: 'sex', nulls: 1, outOfDomain: 1, unparsable: 0 },
          { name: 'visit', nulls: 1, outOfDomain: 1, unparsable: 1 },
        ],
        epoch: '',
      },
    );
  });

  test('takes other delimiters, line ends, a byte order mark, other columns and column orders', async () => {
    const { report } = await load(section(), [GOOD]);
    for (const same of [
      GOOD.replaceAll(',', ';'),
      GOOD.replaceAll(',', '\t'),
      GOOD.replaceAll('\n', '\r\n'),
      `\ufeff${GOOD}`,
      GOOD.trimEnd(),
      `${GOOD}\n\n`,
      'x,x,visit,hba1c,age,sex,pid\n"a,""\nb",,2021-05-05,5.66,99,M,2\n,,2020-01-01,5.6,12,F,1\n',
    ]) {
      deepStrictEqual((await load(section(), [same])).report, report);
    }
  });

  test('maps header texts of this holder, also for the person', async () => {
    const maps = { lu: { pid: { column: 'Numéro; "x"' }, age: { column: "'); DROP TABLE" } } };
    const { report } = await load(section({ maps }), [
      `"Numéro; ""x""",sex,'); DROP TABLE,hba1c,visit\n1,F,12,5.6,2020-01-01\n`,
    ]);
    equal(report.rows, 1);
    equal(report.columns[0]?.nulls, 0);
  });
});

describe('what a load refuses', () => {
  const cases: [string, string | Uint8Array, Parameters<typeof refusal>[0]][] = [
    ['an empty file', '', 'COHORT_EMPTY'],
    ['a header without rows', HEADER, 'COHORT_EMPTY'],
    ['an image', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]), 'COHORT_UNREADABLE'],
    ['UTF-16 without a mark', new Uint8Array(Buffer.from(GOOD, 'utf16le')), 'COHORT_UNREADABLE'],
    ['Latin-1', new Uint8Array(Buffer.from(`${GOOD}3,é,1,1,1\n`, 'latin1')), 'COHORT_UNREADABLE'],
    ['a zero byte in a value', `${GOOD}3,F\0,1,5,2020-01-01\n`, 'COHORT_UNREADABLE'],
    ['a short row', `${GOOD}3,F,1\n`, 'COHORT_UNREADABLE'],
    ['a long row', `${GOOD}3,F,1,5,2020-01-01,more\n`, 'COHORT_UNREADABLE'],
    ['an open quote', `${GOOD}3,"F,1,5,2020-01-01\n`, 'COHORT_UNREADABLE'],
    ['a line of 3 MB', `${GOOD}3,${'F'.repeat(3_000_000)},1,5,2020-01-01\n`, 'COHORT_UNREADABLE'],
    ['no person column', GOOD.replace('pid', 'id'), 'COHORT_COLUMN_MISSING'],
    ['a missing column', GOOD.replace('hba1c', 'hba1'), 'COHORT_COLUMN_MISSING'],
    ['a column in another case', GOOD.replace('age', 'Age'), 'COHORT_COLUMN_MISSING'],
    ['a column in place of another', GOOD.replace('hba1c', 'height'), 'COHORT_COLUMN_MISSING'],
    [
      'a used column twice',
      GOOD.replaceAll(/(?<=visit|\d\d-\d\d)\n/g, ',age\n'),
      'COHORT_COLUMN_TWICE',
    ],
  ];
  for (const [name, content, code] of cases) {
    test(name, async () => {
      const directory = scratch();
      await rejects(load(section(), [content], { directory }), (error) => {
        ok(refusal(code)(error), `expected ${code}`);
        // No text of a row in what an operator sees.
        ok(error instanceof Refusal && !/3,|FFF/.test(error.detail) && error.cause === undefined);
        return true;
      });
      deepStrictEqual(readdirSync(directory), ['part-0.csv']);
    });
  }

  test('a file that is not there, a folder, no file at all', async () => {
    const directory = scratch();
    mkdirSync(path.join(directory, 'folder'));
    for (const name of ['absent.csv', 'folder', '*.csv']) {
      const loading = loadPaths(section(), [path.join(directory, name)], { directory });
      await rejects(loading, refusal('FILE_NOT_FOUND'));
    }
    await rejects(loadPaths(section(), [], { directory }), refusal('INVALID_PARAMETER'));
  });

  test('a unit that cannot become the one of the study', async () => {
    const columns = { age: { type: 'integer', min: 0, max: 110, unit: 'a' } };
    const mapped = (unit: string) =>
      section({ columns, maps: { lu: { age: { column: 'age', unit } } } });
    equal((await load(mapped('a'), ['pid,age\n1,5\n'])).report.rows, 1);
    throws(() => mapped('mo'), refusal('INVALID_STUDY'));
    // A section that was not checked when the study was signed is refused before a file is read.
    for (const unit of ['mo', 'years']) {
      const unchecked = structuredClone(mapped('a'));
      Object.assign(unchecked.maps?.lu?.age ?? {}, { unit });
      const loading = loadPaths(unchecked, ['absent.csv'], { directory: scratch() });
      await rejects(loading, refusal('COHORT_UNIT_UNMAPPED'));
    }
  });

  test('a step and bounds that 128 bits do not hold', () => {
    const column = (step: Rational) =>
      ({ name: 'x', type: 'number', min: 0n, max: 10n ** 15n, step }) as const;
    const scale = scaleOf(column(Rational.of(1, 10)));
    deepStrictEqual(scale, { wholeDigits: 16, fractionDigits: 2, type: 'HUGEINT' });
    equal(scaleOf(column(Rational.of(1, 2n ** 40n))).fractionDigits >= 15, true);
    const fine = column(Rational.of(10n ** 12n + 1n, 10n ** 13n));
    throws(() => scaleOf(fine), refusal('INVALID_PARAMETER'));
  });
});

describe('what a load leaves behind', () => {
  test('one file of the owner, without identifiers, texts or anything in tmp', async () => {
    const loaded = await load(section(), [
      `${HEADER}CANARY-PERSON,F,12,5.6,2020-01-01\nX,CANARY-TEXT,1,1,2020-01-01\n`,
    ]);
    deepStrictEqual(readdirSync(loaded.directory).sort(), [
      path.basename(loaded.target),
      'part-0.csv',
    ]);
    equal(statSync(loaded.target).mode & 0o777, 0o600);
    const bytes = readFileSync(loaded.target, 'latin1');
    equal(bytes.includes('CANARY'), false);
    ok(bytes.includes('hba1c'), 'control: the description is readable');
  });

  test('the same content in any order and split is the same version; other content is another', async () => {
    const directory = scratch();
    const first = await load(section(), [GOOD], { directory });
    const [header = '', one = '', two = ''] = GOOD.split('\n');
    const swapped = [`${header}\n${two}\n`, `${header}\n${one}\n`];
    const again = await load(section(), swapped, { directory, threads: 2 });
    deepStrictEqual(again.report, first.report);
    for (const changed of [GOOD.replace('5.66', '5.76'), `${GOOD}${two}\n`, `${header}\n${one}`]) {
      notEqual((await load(section(), [changed])).report.epoch, first.report.epoch);
    }
    // A change below the step is not a change of what is stored.
    equal((await load(section(), [GOOD.replace('5.66', '5.71')], { directory })).report.rows, 2);
    notEqual(first.report.epoch, (await load(section(), [`${GOOD}${two}\n`])).report.epoch);
  });

  test('a damaged file is replaced by loading again', async () => {
    const directory = scratch();
    const { target } = await load(section(), [GOOD], { directory });
    writeFileSync(target, 'damaged'.repeat(1000));
    equal((await load(section(), [GOOD], { directory })).report.rows, 2);
    notEqual(statSync(target).size, 7000);
  });
});

describe('the header of a file', () => {
  test('is read by RFC 4180', () => {
    deepStrictEqual(firstRecord('a, b ,"c""d",""\nx', ','), ['a', 'b', 'c"d', '']);
    deepStrictEqual(firstRecord('"a\nb";c', ';'), ['a\nb', 'c']);
    deepStrictEqual(firstRecord('', ','), ['']);
    deepStrictEqual(firstRecord('e\u0301', ','), ['é']);
    for (const bad of ['"a', '"a"b,c', '"a""']) equal(firstRecord(bad, ','), undefined);
  });
});

test('more people than the study declares: nothing is kept; as many as it declares are loaded', async () => {
  const directory = scratch();
  const sized = (lu: number) =>
    load(section({ declaredSize: { lu, jp: 1 } }), [GOOD], { directory });
  await rejects(sized(1), refusal('COHORT_TOO_LARGE'));
  deepStrictEqual(
    readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.duckdb'),
    ),
    [],
  );
  equal((await sized(2)).report.people, 2);
});
