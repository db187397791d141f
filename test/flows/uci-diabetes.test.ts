/**
 * Real input: the UCI "Diabetes 130-US hospitals" file (CC BY 4.0), 20,000 encounters of 15,262
 * patients, split between two holders by patient. Runs where the file is at hand. Expected
 * marginals were computed with R from the same file.
 */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import type { ReleaseCell } from '../../src/analysis/release-table.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';
import { sharedData } from '../support/shared-data.ts';

const FILE = sharedData('diabetes/uci_diabetes130_rows00001-20000.csv');
const REFERENCE = sharedData('reference-results-descriptive-r-computed.json');

const AGES = Array.from({ length: 10 }, (_, i) => `[${10 * i}-${10 * i + 10})`);
const RACES = ['AfricanAmerican', 'Asian', 'Caucasian', 'Hispanic', 'Other'];
const A1C = ['>7', '>8', 'None', 'Norm'];
const COLUMNS: Json = {
  age: { type: 'category', domain: AGES },
  race: { type: 'category', domain: RACES },
  A1Cresult: { type: 'category', domain: A1C },
};

const cohort = (bound: number): Record<string, Json> => ({
  person: 'patient_nbr',
  rowsPerPerson: bound,
  cellsPerPerson: bound,
  declaredSize: { lu: 10_000, jp: 10_000 },
  columns: COLUMNS,
});

const countBy = (cells: readonly ReleaseCell[], column: string): Record<string, number> => {
  const pooled = cells.filter(({ group }) => !('holder' in group));
  const sums: Record<string, number> = {};
  for (const { group, value } of pooled) {
    const label = group[column] ?? 'null';
    sums[label] = (sums[label] ?? 0) + (value ?? 0);
  }
  return sums;
};

describe.skipIf(FILE === undefined || REFERENCE === undefined)('UCI diabetes', () => {
  let parts: Record<string, string> = {};
  beforeAll(() => {
    const [header = '', ...lines] = readFileSync(FILE ?? '', 'utf8')
      .trimEnd()
      .split('\n');
    const odd = (line: string): boolean => Number(line.split(',')[1]) % 2 === 1;
    parts = {
      lu: [header, ...lines.filter(odd)].join('\n'),
      jp: [header, ...lines.filter((line) => !odd(line))].join('\n'),
    };
  });

  test('every row counted: the marginals are those of R, the cross table that of SQL', async () => {
    using lab = await PooledLab.open(parts, { cohort: cohort(17), rho: '1000/1' });
    const query = { groupBy: ['holder', 'age', 'race', 'A1Cresult'], rho: '1/1' };
    const { body } = await lab.release(query, ExactNoise);
    const reference = JSON.parse(readFileSync(REFERENCE ?? '', 'utf8')) as {
      uci130_first20000: {
        A1Cresult: Record<string, number>;
        age_band: Record<string, number>;
        race_missing: number;
      };
    };
    const { A1Cresult, age_band, race_missing } = reference.uci130_first20000;
    deepStrictEqual(countBy(body.cells, 'A1Cresult'), { ...A1Cresult, null: 0 });
    deepStrictEqual(countBy(body.cells, 'age'), { ...age_band, null: 0 });
    strictEqual(countBy(body.cells, 'race')['null'], race_missing);

    const found = await sqlTwin('1=1');
    for (const { group, value } of body.cells.filter(({ group }) => !('holder' in group))) {
      const key = JSON.stringify([group['age'], group['race'], group['A1Cresult']]);
      strictEqual(value, found.get(key) ?? 0, key);
    }
  });

  test('one row a person: as many people as there are, each in one of the cells they have', async () => {
    using lab = await PooledLab.open(parts, { cohort: cohort(1), rho: '1000/1' });
    const { body } = await lab.release({ groupBy: ['age'], rho: '1/1' }, ExactNoise);
    const counts = countBy(body.cells, 'age');
    strictEqual(
      Object.values(counts).reduce((a, b) => a + b, 0),
      15_262,
    );
    // Nobody can be counted in a band in which they have no row; a person with rows in one band
    // is counted there. The SQL twin gives both limits.
    const [least, most] = [await personsBy('HAVING count(DISTINCT age) = 1'), await personsBy('')];
    for (const age of AGES) {
      const n = counts[age] ?? 0;
      strictEqual(n >= (least.get(age) ?? 0) && n <= (most.get(age) ?? 0), true, age);
    }
  });
});

type Counted = Map<string, number>;

async function rowsOf(sql: string): Promise<unknown[][]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const from = `read_csv('${FILE ?? ''}', all_varchar = true)`;
  return (await connection.runAndReadAll(sql.replace('uci', from))).getRows();
}

async function sqlTwin(where: string): Promise<Counted> {
  const rows = await rowsOf(
    `SELECT count(*), age, nullif(race, '?'), A1Cresult FROM uci WHERE ${where} GROUP BY ALL`,
  );
  return new Map(rows.map(([n, ...group]) => [JSON.stringify(group), Number(n)]));
}

async function personsBy(having: string): Promise<Counted> {
  const persons = `SELECT patient_nbr, unnest(list_distinct(list(age))) AS age FROM uci GROUP BY patient_nbr ${having}`;
  const rows = await rowsOf(`SELECT count(*), age FROM (${persons}) GROUP BY age`);
  return new Map(rows.map(([n, age]) => [String(age), Number(n)]));
}
