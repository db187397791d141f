/**
 * Flow 3 in one process without noise: a pooled aggregate in which lu has encrypted columns and jp its
 * rows must release what it releases when both have their rows, bit for bit.
 */
import { deepStrictEqual, ok, rejects, strictEqual, throws } from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Json } from '../../../src/base/canonical-json.ts';
import { Refusal } from '../../../src/base/errors.ts';
import { layoutOf } from '../../../src/flows/columns/layout.ts';
import { servedPlan } from '../../../src/flows/columns/serve.ts';
import { termsOf } from '../../../src/flows/study-terms.ts';
import { verifyErasure } from '../../../src/audit/erasure.ts';
import { eraseColumns } from '../../../src/flows/encrypted-columns.ts';
import type { Cohort } from '../../../src/flows/ports.ts';
import type { EncryptedCohort, ReadyTable } from '../../../src/engine/columns/encrypted-cohort.ts';
import { ColumnLab } from '../../support/column-lab.ts';
import { ExactNoise } from '../../support/exact-noise.ts';
import { PooledLab } from '../../support/pooled-lab.ts';
import { refusal } from '../../support/refusal.ts';

const COHORT = {
  columns: {
    sex: { type: 'category', domain: ['F', 'M'] },
    age: { type: 'integer', min: 0, max: 110, unit: 'a' },
    hba1c: { type: 'number', min: 3, max: 20, step: '1/10', unit: '%' },
    visit: { type: 'date', min: '2015-01-01', max: '2025-12-31' },
  },
} as const;

const HEADER = 'patient_id,sex,age,hba1c,visit\n';
const LU = `${HEADER}p-lu-0001,F,34,5.7,2019-03-01
p-lu-0002,M,61,7.1,2021-11-30
p-lu-0003,F,70,,2022-02-02
p-lu-0004,x,12,6.4,
p-lu-0005,M,999,8.25,2016-06-06
p-lu-0006,F,48,19.9,2024-12-31
`;
const JP = `${HEADER}1,F,45,6.1,2020-01-01\n2,F,66,7.7,2018-08-08\n3,M,no,5.2,2023-03-03\n`;

const OVER_40 = { column: 'age', ge: 40 };
const over = {
  name: 'over',
  survival: { time: 'age', event: { column: 'sex', in: ['F'] }, grid: [0, 40, 80, 110] },
};
const sexes = { name: 'sexes', histogram: 'sex' };

const LIST: Json = {
  format: 'kakehashi/columns/1',
  indicators: [
    { where: OVER_40 },
    { where: OVER_40, groupBy: ['sex'] },
    { groupBy: [{ column: 'age', bins: [0, 40, 60, 111] }] },
  ],
  measures: [{ name: 'high', proportion: { column: 'hba1c', ge: 6.5 } }, over, sexes],
};

const people = { name: 'people', count: true };
const mean = { name: 'hba1c', mean: 'hba1c' };
const high = { name: 'high', proportion: { column: 'hba1c', ge: 6.5 } };

const SERVED: Record<string, Record<string, Json>> = {
  everybody: { measures: [people, mean, { name: 'age', variance: 'age' }] },
  'by sex': { groupBy: ['sex'], measures: [people, high] },
  'by holder and sex': { groupBy: ['holder', 'sex'], measures: [people, mean] },
  'under one indicator': { where: OVER_40, measures: [people, mean, high] },
  'tallies under one indicator': { where: OVER_40, measures: [over, sexes] },
  'under one indicator, spelled otherwise': {
    where: {
      not: {
        any: [
          { column: 'age', lt: 40 },
          { column: 'age', isNull: true },
        ],
      },
    },
    measures: [people],
  },
  'under one indicator by an uploaded group: counts': {
    where: OVER_40,
    groupBy: [{ column: 'age', bins: [0, 40, 60, 111] }],
    measures: [people],
  },
  'a conjunction that was uploaded': { where: OVER_40, groupBy: ['sex'], measures: [mean, high] },
};

const RELEASED = ['by holder and sex', 'tallies under one indicator'];

const later = (): Date => new Date(Date.now() + 60_000);

/** What a refusal points at. */
const findings = (error: unknown): unknown =>
  error instanceof Refusal && error.code === 'DEPTH' ? error.fields : error;

describe('encrypted columns in one process, without noise', () => {
  let lab: PooledLab;
  let rows: PooledLab;
  let columns: ColumnLab;
  let table: ReadyTable;
  let cohort: EncryptedCohort;
  let fromRows: Cohort;

  beforeAll(async () => {
    lab = await PooledLab.open({ lu: LU, jp: JP }, { cohort: COHORT });
    rows = await PooledLab.open({ lu: LU, jp: JP }, { cohort: COHORT });
    const lu = lab.holders.find(({ name }) => name === 'lu')!;
    columns = new ColumnLab(lab.study, lu, LIST);
    table = await columns.upload();
    const anything = lab.compile({ rho: '1/100' });
    fromRows = lu.ports(lab.network, anything, ExactNoise).cohort;
    cohort = columns.cohort(table);
    lu.cohort = cohort;
  });
  afterAll(async () => {
    lab[Symbol.dispose]();
    rows[Symbol.dispose]();
  });

  for (const [name, query] of Object.entries(SERVED)) {
    test(`the sums of the rows: ${name}`, async () => {
      const { plan } = lab.compile({ ...query, rho: '1/100' });
      // As a holder does before it reserves: the first job takes longer than a deadline.
      await cohort.prepare(plan, later());
      const exact = (from: Cohort) =>
        from.noisedVector(plan, new BigInt64Array(plan.values), later(), {
          run: plan.queryKey,
          ended: new AbortController().signal,
        });
      const sums = await exact(cohort);
      deepStrictEqual(sums, await exact(fromRows));
      deepStrictEqual(columns.alarms, []);
      ok(sums.some((sum) => sum > 0n));
    });
  }

  for (const name of RELEASED) {
    test(`what is released: ${name}`, async () => {
      const ask = { ...SERVED[name], rho: '1/100' };
      await cohort.prepare(lab.compile(ask).plan, later());
      const encrypted = await lab.release(ask, ExactNoise);
      const plain = await rows.release(ask, ExactNoise);
      deepStrictEqual(encrypted.body.cells, plain.body.cells);
      deepStrictEqual(encrypted.body.curves, plain.body.curves);
      deepStrictEqual(columns.alarms, []);
    });
  }

  test('deeper plans are refused with DEPTH, and where', async () => {
    const refused = async (query: Record<string, Json>, ...errors: [string, string][]) => {
      const { plan } = lab.compile({ ...query, rho: '1/100' });
      const asked = columns.sandbox.asked;
      const fields = { errors: errors.map(([pointer, code]) => ({ pointer, code })) };
      const same = (error: unknown): boolean => {
        deepStrictEqual(findings(error), fields);
        return true;
      };
      await rejects(cohort.prepare(plan, later()), same);
      await rejects(cohort.noisedVector(plan, new BigInt64Array(plan.values), new Date()), same);
      strictEqual(columns.sandbox.asked, asked);
    };
    await refused({ where: { column: 'age', ge: 41 } }, ['/where', 'NOT_UPLOADED']);
    await refused({ groupBy: ['sex', { column: 'age', bins: [0, 40, 60, 111] }] }, [
      '/groupBy',
      'NOT_UPLOADED',
    ]);
    await refused(
      {
        where: OVER_40,
        groupBy: [{ column: 'age', bins: [0, 40, 60, 111] }],
        measures: [people, mean],
      },
      ['/measures/1', 'PRODUCT_OF_THREE'],
    );
    await refused({ measures: [{ name: 'low', proportion: { column: 'hba1c', lt: 4 } }] }, [
      '/measures/0',
      'NOT_UPLOADED',
    ]);
  });

  test('more sums than are opened in time are refused, by public numbers', () => {
    const { plan } = lab.compile({ groupBy: ['sex'], rho: '1/100' });
    const layout = layoutOf(termsOf(lab.study), LIST);
    const errors = [{ pointer: '/groupBy', code: 'TOO_MANY_SUMS' }];
    ok(servedPlan(layout, plan, 1).readings.length > 0);
    throws(
      () => servedPlan(layout, plan, 10_000),
      (error: unknown): boolean => {
        deepStrictEqual(findings(error), { errors });
        return true;
      },
    );
  });

  test('nothing that the sandbox received holds a value or an identifier', () => {
    const seen = columns.sandbox.received.map((bytes) => Buffer.from(bytes));
    ok(seen.length >= 2);
    const needles = ['p-lu-000', '2019-03-01', 'hba1c', 'patient_id'];
    for (const needle of needles)
      ok(
        seen.every((bytes) => !bytes.includes(needle)),
        needle,
      );
    // The search itself finds what is there.
    ok(seen.some((bytes) => bytes.includes(table.table)));
  });

  test('deletion destroys the key and gives a statement that verifies', async () => {
    const lu = columns.holder;
    const clock = { now: () => new Date('2026-01-02T03:04:05Z') };
    const holder = { name: lu.name, key: lu.key, clock };
    const stored = columns.sandbox.ciphertexts.size;
    ok(stored > 0);
    const statement = await eraseColumns(
      table,
      () => columns.keys.destroy(table.table),
      columns.sandbox,
      holder,
    );
    strictEqual(columns.sandbox.ciphertexts.size, 0);
    strictEqual(statement.erasure.sandbox?.ciphertexts, stored);
    await rejects(columns.keys.load(table.table), { code: 'DATA_DIRECTORY_DAMAGED' });
    verifyErasure(statement, lu.key.publicText);
    const { erasure } = statement;
    const other = { ...statement, erasure: { ...erasure, at: '2026-01-02T03:04:06.000Z' } };
    throws(() => verifyErasure(other, lu.key.publicText), refusal('SIGNATURE_REJECTED'));
  });
});
