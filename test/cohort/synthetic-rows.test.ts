/** Rows from a schema: the same from a seed, inside the schema but for known faults. */
import { deepStrictEqual, equal, notEqual, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { parseCohortSection } from '../../src/cohort/schema.ts';
import { syntheticRows } from '../../src/cohort/synthetic-rows.ts';
import { refusal } from '../support/refusal.ts';

const section = parseCohortSection(
  {
    person: 'pid',
    rowsPerPerson: 3,
    cellsPerPerson: 1,
    declaredSize: { lu: 10, jp: 10 },
    nulls: ['', 'NA'],
    columns: {
      sex: { type: 'category', domain: ['F', 'M, "x"'] },
      age: { type: 'integer', min: -5, max: 5 },
      hba1c: { type: 'number', min: 3, max: 20, step: '1/10', unit: '%', analyte: 'hba1c' },
      visit: { type: 'date', min: '2020-02-28', max: '2020-03-01' },
    },
    maps: { lu: { pid: { column: 'Numéro' }, hba1c: { column: 'ifcc', unit: 'mmol/mol' } } },
  },
  ['lu', 'jp'],
);

const lines = (holder: string, rows: number, seed = 'a'): string[] => [
  ...syntheticRows({ section, holder, rows, seed }),
];

describe('synthetic rows', () => {
  test('are the same from the same seed, and a prefix of more', () => {
    deepStrictEqual(lines('jp', 3000), lines('jp', 3000));
    deepStrictEqual(lines('jp', 3000).slice(0, 1101), lines('jp', 1100));
    notEqual(lines('jp', 10, 'b').join(''), lines('jp', 10).join(''));
  });

  test('have the columns and the units of the holder', () => {
    equal(lines('lu', 1)[0], 'Numéro,age,ifcc,sex,visit\n');
    equal(lines('jp', 1)[0], 'pid,age,hba1c,sex,visit\n');
    // 3 to 20 % are 9.3 to 195.2 mmol/mol: most of the values are above 20.
    const ifcc = lines('lu', 500)
      .slice(1)
      .map((line) => Number(line.split(',')[2]));
    ok(ifcc.filter((value) => value > 20).length > 400);
  });

  test('are inside the schema but for about one field in a hundred', () => {
    const rows = lines('jp', 5000)
      .slice(1)
      .map((line) => line.trimEnd().split(/,(?! )/));
    const ages = rows.map(([, age]) => age ?? '');
    const inside = new Set(Array.from({ length: 11 }, (_, i) => String(i - 5)));
    const share = (keep: (age: string) => boolean): number => ages.filter(keep).length / 5000;
    const missing = share((age) => age === '' || age === 'NA');
    const outside = share((age) => /^\d+$/.test(age) && Number(age) > 5);
    ok(missing > 0.01 && missing < 0.03 && outside > 0.003 && outside < 0.02);
    equal(Math.round(share((age) => inside.has(age)) * 5000 + (missing + outside) * 5000), 5000);
    for (const value of inside) ok(share((age) => age === value) > 0.05);
    const sexes = new Set(rows.map((row) => row[3]));
    ok(sexes.has('F') && sexes.has('"M, ""x"""') && sexes.size === 5);
    const persons = new Map<string, number>();
    for (const [pid = ''] of rows) persons.set(pid, (persons.get(pid) ?? 0) + 1);
    deepStrictEqual([...new Set(persons.values())].sort(), [1, 2, 3]);
  });

  test('a number or a seed that is none', () => {
    for (const rows of [0, 1.5, Number.NaN, 1e9]) {
      throws(() => lines('jp', rows), refusal('INVALID_PARAMETER'));
    }
    throws(() => lines('jp', 1, ''), refusal('INVALID_PARAMETER'));
  });
});
