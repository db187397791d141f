/** `study synth` and `cohort check`: synthetic rows from a draft, and what is wrong in them. */
import { deepStrictEqual, equal, match, ok } from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, onTestFinished, test, vi } from 'vitest';
import { cli } from '../support/captured-io.ts';
import { scratch } from '../support/scratch.ts';

const DRAFT = {
  format: 'kakehashi/study/1',
  holders: [{ name: 'lu' }, { name: 'jp' }],
  cohort: {
    person: 'pid',
    rowsPerPerson: 2,
    cellsPerPerson: 1,
    declaredSize: { lu: 1000, jp: 1000 },
    nulls: ['', 'NA'],
    columns: {
      性別: { type: 'category', domain: ['男', '女'] },
      age: { type: 'integer', min: 0, max: 110, unit: 'a' },
      hba1c: { type: 'number', min: 3, max: 20, step: '1/10', unit: '%', analyte: 'hba1c' },
      visit: { type: 'date', min: '2015-01-01', max: '2025-12-31' },
    },
    maps: { lu: { hba1c: { column: 'ifcc', unit: 'mmol/mol' } } },
  },
};

type Report = {
  readonly rows: number;
  readonly people: number;
  readonly columns: readonly Record<string, unknown>[];
};

function place(): { directory: string; study: string; file: (name: string) => string } {
  const directory = scratch();
  const study = path.join(directory, 'study.json');
  writeFileSync(study, JSON.stringify(DRAFT));
  return { directory, study, file: (name) => path.join(directory, name) };
}

const check = async (argv: readonly string[]): Promise<Report> => {
  const { code, out, err } = await cli(['cohort', 'check', ...argv, '--json']);
  equal(code, 0, err);
  return JSON.parse(out) as Report;
};

describe('study synth, then cohort check', () => {
  test('of a derived column: in no file, and in the report', async () => {
    const { study, file } = place();
    const birth = { type: 'date', min: '1900-01-01', max: '2014-12-31' };
    const age = { type: 'integer', min: 0, max: 90, derived: { years: ['birth', 'visit'] } };
    const columns = { ...DRAFT.cohort.columns, birth, age };
    writeFileSync(study, JSON.stringify({ ...DRAFT, cohort: { ...DRAFT.cohort, columns } }));
    const flags = ['--study', study, '--holder', 'jp'];
    const out = file('jp.csv');
    equal((await cli(['study', 'synth', ...flags, '--rows', '500', '--out', out])).code, 0);
    equal(readFileSync(out, 'utf8').split('\n')[0], 'pid,birth,hba1c,visit,性別');
    const found = (await check([out, ...flags])).columns.find(({ name }) => name === 'age');
    ok(Number(found?.['nulls']) > 0 && Number(found?.['outOfBounds']) > 0);
    equal(found?.['unparsable'], 0);
  });

  test('in the units of either holder: the faults that were put in, and no others', async () => {
    const { study, file } = place();
    for (const holder of ['lu', 'jp']) {
      const out = file(`${holder}.csv`);
      const flags = ['--study', study, '--holder', holder];
      const synth = ['study', 'synth', ...flags, '--rows', '2000'];
      equal((await cli([...synth, '--out', out])).code, 0);
      equal((await cli(synth)).out, readFileSync(out, 'utf8'));
      equal((await cli([...synth, '--out', out])).code, 2);
      const report = await check([out, ...flags]);
      equal(report.rows, 2000);
      for (const column of report.columns) {
        equal(column['unparsable'], 0);
        ok(Number(column['nulls']) > 10 && Number(column['nulls']) < 100);
        const kind = column['type'] === 'category' ? 'outOfDomain' : 'outOfBounds';
        ok(Number(column[kind]) > 3 && Number(column[kind]) < 60);
      }
      const unit = holder === 'lu' ? 'mmol/mol' : '%';
      deepStrictEqual(report.columns[1]?.['unit'], { source: unit, stored: '%' });
    }
  });
});

describe('cohort check', () => {
  const rows =
    'pid,性別,age,hba1c,visit\n' +
    '1,男,40,5.6,2020-01-01\n1,女,40,5.6,2020-01-01\n1,男,41,5.6,2020-01-01\n' +
    ',男,1,5,2020-01-01\n2,犬,111,x,1999-01-01\n3,,NA,20.1,\n';

  test('counts every fault, leaves nothing behind and works without keys', async () => {
    const { study, file } = place();
    writeFileSync(file('jp.csv'), rows);
    mkdirSync(file('tmp'));
    vi.stubEnv('TMPDIR', file('tmp'));
    onTestFinished(() => void vi.unstubAllEnvs());
    const report = await check([file('jp.csv'), '--study', study, '--holder', 'jp']);
    const none = { nulls: 0, unparsable: 0, outOfDomain: 0, outOfBounds: 0 };
    deepStrictEqual(report, {
      holder: 'jp',
      rows: 5,
      people: 3,
      declaredSize: 1000,
      dropped: { nullPerson: 1 },
      rowsPerPerson: { bound: 2, most: 3, peopleOver: 1 },
      columns: [
        {
          ...none,
          name: 'age',
          type: 'integer',
          nulls: 1,
          outOfBounds: 1,
          unit: { source: 'a', stored: 'a' },
        },
        {
          ...none,
          name: 'hba1c',
          type: 'number',
          unparsable: 1,
          outOfBounds: 1,
          unit: { source: '%', stored: '%' },
        },
        { ...none, name: 'visit', type: 'date', nulls: 1, outOfBounds: 1 },
        { ...none, name: '性別', type: 'category', nulls: 1, outOfDomain: 1 },
      ],
    });
    equal(tmpdir(), file('tmp'));
    deepStrictEqual(readdirSync(file('tmp')), []);
    const { out } = await cli([
      'cohort',
      'check',
      file('jp.csv'),
      '--study',
      study,
      '--holder',
      'jp',
    ]);
    match(out, /rowsPerPerson +bound 2, most 3, peopleOver 1/);
    match(out, /column +type +empty +unreadable +outside its domain +outside its bounds +unit/);
  });

  test('an encoding that is named, and one that is not', async () => {
    const { study, file } = place();
    // 性別, 男 in Shift_JIS.
    const [sex, man] = [
      [0x90, 0xab, 0x95, 0xca],
      [0x92, 0x6a],
    ];
    const ascii = (text: string): number[] => [...Buffer.from(text)];
    const bytes = [
      ...ascii('pid,'),
      ...sex,
      ...ascii(',age,hba1c,visit\n1,'),
      ...man,
      ...ascii(',40,5,2020-01-01\n'),
    ];
    writeFileSync(file('sjis.csv'), Uint8Array.from(bytes));
    const argv = [file('sjis.csv'), '--study', study, '--holder', 'jp'];
    const report = await check([...argv, '--encoding', 'shift_jis']);
    equal(report.columns[3]?.['outOfDomain'], 0);
    const unnamed = await cli(['cohort', 'check', ...argv]);
    equal(unnamed.code, 1);
    match(unnamed.err, /line 1: not utf-8; name its encoding/);
    equal((await cli(['cohort', 'check', ...argv, '--encoding', 'latin-9'])).code, 2);
  });

  test('a holder that is missing or unknown, a draft that is wrong', async () => {
    const { study, file } = place();
    writeFileSync(file('a.csv'), rows);
    for (const holder of [[], ['--holder', 'fr']]) {
      equal((await cli(['cohort', 'check', file('a.csv'), '--study', study, ...holder])).code, 2);
    }
    writeFileSync(
      study,
      JSON.stringify({ ...DRAFT, cohort: { ...DRAFT.cohort, rowsPerPerson: 0 } }),
    );
    const { code, out } = await cli([
      ...['cohort', 'check', file('a.csv'), '--study', study],
      ...['--holder', 'jp', '--json'],
    ]);
    equal(code, 2);
    match(out, /"pointer":"\/cohort\/rowsPerPerson"/);
  });
});
