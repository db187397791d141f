/** A study over two holders that write their measurements in different units, from CSV to cells. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../../src/base/canonical-json.ts';
import { syntheticDiabetes } from '../../../src/cohort/synthetic-diabetes.ts';
import { parseCohortSection } from '../../../src/cohort/schema.ts';
import { load } from './loaded.ts';

const HBA1C = { type: 'number', min: 3, max: 20, step: '1/10', unit: '%', analyte: 'hba1c' };
const GLUCOSE = { type: 'integer', min: 20, max: 600, unit: 'mg/dL', analyte: 'glucose' };

const section = (columns: Json, maps: Json, person = 'pid') =>
  parseCohortSection(
    {
      ...{ person, rowsPerPerson: 1, cellsPerPerson: 1, nulls: ['', 'NA'] },
      declaredSize: { lu: 20_000, jp: 20_000 },
      ...{ columns, maps },
    },
    ['lu', 'jp'],
  );

const mixed = section(
  { hba1c: HBA1C, glucose: GLUCOSE },
  {
    lu: {
      hba1c: { column: 'hba1c_ifcc', unit: 'mmol/mol' },
      glucose: { column: 'glycémie', unit: 'mmol/L' },
    },
    jp: { hba1c: { column: 'HbA1c(JDS)', unit: '%{JDS}' } },
  },
);

const byHba1c = { groupBy: [{ column: 'hba1c', bins: [3, 6.5, 7, 8, 20] }] };
const byGlucose = { groupBy: [{ column: 'glucose', bins: [20, 100, 126, 200, 600] }] };

describe('one study, two units', () => {
  // 47: 6.45156 → 6.5. 46: 6.36 → 6.4. 53: 7.0. 64: 8.0. 63: 7.9. 9: 2.975 → 3.0. 8: 2.88 → 2.9.
  const LU = `pid,hba1c_ifcc,glycémie
1,46,5.5
2,47,5.6
3,53,6.9
4,63,7.0
5,64,11.1
6,9,11.05
7,8,1.1
8,196,33.4
9,,NA
10,illisible,7
`;
  // 6.0: 6.37 → 6.4. 6.1: 6.472 → 6.5. 6.6: 6.982 → 7.0. 7.5: 7.9. 7.6: 8.002 → 8.0.
  const JP = `pid,HbA1c(JDS),glucose
1,6.0,99
2,6.1,100
3,6.6,125
4,7.5,126
5,7.6,200
6,7.6,199
7,2.6,19
8,19.4,601
9,NA,126.5
`;

  test('gives the bins of a hand computation at both', async () => {
    const lu = await load(mixed, [LU]);
    const jp = await load(mixed, [JP], { holder: 'jp' });
    // Below 6.5, below 7, below 8, below 20, no value.
    deepStrictEqual(await lu.cells(byHba1c), [2, 1, 2, 1, 4]);
    deepStrictEqual(await jp.cells(byHba1c), [1, 1, 2, 2, 3]);
    // 5.5: 99. 5.6: 101. 6.9: 124. 7.0: 126. 11.1: 200. 11.05: 199. 1.1: 20. 33.4: 602.
    deepStrictEqual(await lu.cells(byGlucose), [2, 2, 3, 1, 2]);
    deepStrictEqual(await jp.cells(byGlucose), [1, 2, 2, 1, 3]);
  });

  test('is reported to the staff of each with both units', async () => {
    const columns = async (holder: string, text: string) =>
      (await load(mixed, [text], { holder })).report.columns;
    deepStrictEqual(await columns('lu', LU), [
      {
        ...{ name: 'glucose', nulls: 1, outOfDomain: 1, unparsable: 0 },
        unit: { source: 'mmol/L', stored: 'mg/dL' },
      },
      {
        ...{ name: 'hba1c', nulls: 1, outOfDomain: 2, unparsable: 1 },
        unit: { source: 'mmol/mol', stored: '%' },
      },
    ]);
    deepStrictEqual(await columns('jp', JP), [
      {
        // 126.5 in the unit of the study is no whole number; converted, it would be rounded.
        ...{ name: 'glucose', nulls: 0, outOfDomain: 2, unparsable: 1 },
        unit: { source: 'mg/dL', stored: 'mg/dL' },
      },
      {
        // 19.4: 20.038 → 20.0, the upper bound itself, which is in no bin.
        ...{ name: 'hba1c', nulls: 1, outOfDomain: 1, unparsable: 0 },
        unit: { source: '%{JDS}', stored: '%' },
      },
    ]);
  });

  test('control: without the unit the same file is another cohort', async () => {
    const columns = { hba1c: HBA1C };
    const renamed = section(columns, { lu: { hba1c: { column: 'hba1c_ifcc' } } });
    deepStrictEqual(await (await load(renamed, [LU])).cells(byHba1c), [0, 0, 0, 2, 8]);
  });
});

test('the synthetic cohorts: mmol/mol in Luxembourg and % in Japan become one column', async () => {
  const columns = { hba1c: { ...HBA1C } };
  const maps = { lu: { hba1c: { column: 'hba1c_ifcc', unit: 'mmol/mol' } } };
  const cohort = section(columns, maps, 'patient_id');
  const people = 2000;
  const bins = { groupBy: [{ column: 'hba1c', bins: [3, 7, 20] }] };
  for (const [holder, country] of [
    ['lu', 'LU'],
    ['jp', 'JP'],
  ] as const) {
    const text = [...syntheticDiabetes({ country, people, seed: 'units' })].join('');
    const { cells, report } = await load(cohort, [text], { holder });
    const [below = 0, above = 0, unknown = 0] = await cells(bins);
    equal(below + above + unknown, people);
    equal(report.columns[0]?.outOfDomain, 0);
    // 53 % of both are drawn below 7 %.
    equal(Math.round((10 * below) / (below + above)), 5, `${holder}: ${below} of ${people}`);
    equal(unknown < people / 20, true);
  }
});
