/** A table with far more rows than the study counts: its holder's staff is told when it loads. */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { load, section } from './loaded.ts';

const rows = (count: number, people: number): string =>
  [
    'pid,sex,age,hba1c,visit',
    ...Array.from({ length: count }, (_, i) => `${i % people},F,,,`),
  ].join('\n');

test('700,000 rows of 1,000 people are too many for two seconds, a tenth of them are not', async () => {
  const cohort = section({ declaredSize: { lu: 1000, jp: 1000 } });
  deepStrictEqual((await load(cohort, [rows(700_000, 1000)])).report.warnings, [
    'ROWS_BEYOND_DEADLINE',
  ]);
  deepStrictEqual((await load(cohort, [rows(70_000, 1000)])).report.warnings, undefined);
}, 120_000);
