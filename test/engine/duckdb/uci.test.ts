/** The UCI diabetes file by patient, where it lies beside the checkout. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { parseCohortSection } from '../../../src/cohort/schema.ts';
import { scratch } from '../../support/scratch.ts';
import { sharedData } from '../../support/shared-data.ts';
import { loadPaths, planOf } from './loaded.ts';
import { type TextRow, twinValues, twinRows } from './twin.ts';

const file = sharedData('diabetes/uci_diabetes130_rows00001-20000.csv');
const AGES = Array.from({ length: 10 }, (_, i) => `[${i * 10}-${i * 10 + 10})`);
const section = (bound: number) =>
  parseCohortSection(
    {
      person: 'patient_nbr',
      rowsPerPerson: bound,
      cellsPerPerson: bound,
      declaredSize: { lu: 20_000 },
      nulls: ['', '?', 'None'],
      columns: {
        age: { type: 'category', domain: AGES },
        race: {
          type: 'category',
          domain: ['AfricanAmerican', 'Asian', 'Caucasian', 'Hispanic', 'Other'],
        },
        A1Cresult: { type: 'category', domain: ['Norm', '>7', '>8'] },
        time_in_hospital: { type: 'integer', min: 1, max: 14 },
      },
    },
    ['lu'],
  );

describe.skipIf(file === undefined)('UCI diabetes', () => {
  /** The file has no quoted fields: a split is enough to read it a second time. */
  const rows = (): TextRow[] => {
    const [header = '', ...lines] = readFileSync(file ?? '', 'utf8')
      .trimEnd()
      .split(/\r?\n/);
    const names = header.split(',');
    return lines.map((line) =>
      Object.fromEntries(line.split(',').map((text, i) => [names[i] ?? '', text] as const)),
    );
  };
  const query = { groupBy: ['age', 'race', 'A1Cresult'] };

  for (const bound of [1, 17]) {
    test(`${bound} rows a patient: rows, people and the cross table`, async () => {
      const cohort = section(bound);
      const loaded = await loadPaths(cohort, [file ?? ''], { directory: scratch() });
      const text = rows();
      equal(loaded.report.rows, text.length);
      equal(loaded.report.people, new Set(text.map((row) => row['patient_nbr'])).size);
      const cells = await loaded.cells(query);
      deepStrictEqual(cells, twinValues(planOf(cohort, query), twinRows(cohort, text)));
      const total = cells.reduce((a, b) => a + b, 0);
      equal(total, bound === 1 ? loaded.report.people : loaded.report.rows);
    });
  }
});
