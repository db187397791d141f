/**
 * Without noise, every released cell equals an SQL computation on the union of the cohorts, over
 * random cohorts (with missing, unparsable and out-of-domain values), filters and groupings. The
 * SQL is written here, from the query, and shares nothing with the engine's compiler.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { DuckDBInstance } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';

type Row = { readonly sex: string; readonly age: string };
type Filter = { readonly json: Json; readonly sql: string };

const sex = fc.constantFrom('F', 'M', 'F', 'M', '', 'x', 'NA');
const age = fc.oneof(
  fc.integer({ min: 0, max: 110 }).map(String),
  fc.constantFrom('', '-1', '111', 'old', '1e2', '39', '40', '41'),
);
const rows = fc.array(fc.record({ sex, age }), { minLength: 1, maxLength: 60 });

const comparison = fc
  .record({
    op: fc.constantFrom('lt', 'le', 'gt', 'ge', 'eq', 'ne'),
    value: fc.integer({ min: 0, max: 110 }),
  })
  .map(({ op, value }): Filter => {
    const sign = { lt: '<', le: '<=', gt: '>', ge: '>=', eq: '=', ne: '<>' }[op];
    return { json: { column: 'age', [op]: value }, sql: `coalesce(age ${sign} ${value}, false)` };
  });
const isIn = fc.subarray(['F', 'M'], { minLength: 1 }).map(
  (values): Filter => ({
    json: { column: 'sex', in: values },
    sql: `coalesce(sex IN (${values.map((v) => `'${v}'`).join()}), false)`,
  }),
);
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    comparison,
    isIn,
    tie('filter').map((f): Filter => ({ json: { not: f.json }, sql: `NOT (${f.sql})` })),
    fc
      .tuple(fc.constantFrom('all', 'any'), fc.array(tie('filter'), { minLength: 1, maxLength: 3 }))
      .map(
        ([op, parts]): Filter => ({
          json: { [op]: parts.map((p) => p.json) },
          sql: `(${parts.map((p) => p.sql).join(op === 'all' ? ' AND ' : ' OR ')})`,
        }),
      ),
  ),
}));

const BINS = [0, 40, 65, 100];
const axis: Record<string, { json: Json; sql: string }> = {
  holder: { json: 'holder', sql: 'holder' },
  sex: { json: 'sex', sql: 'sex' },
  age: {
    json: { column: 'age', bins: BINS },
    sql: "CASE WHEN age < 40 THEN '[0,40)' WHEN age < 65 THEN '[40,65)' WHEN age < 100 THEN '[65,100)' END",
  },
};

const csv = (cohort: readonly Row[]): string =>
  ['patient_id,sex,age', ...cohort.map((row, i) => `p${i},${row.sex},${row.age}`)].join('\n');

/** What the study says of a value, in SQL of its own: null where it is not of the domain. */
const CLEAN = `SELECT holder, CASE WHEN sex IN ('F','M') THEN sex END AS sex,
  CASE WHEN age = '1e2' THEN 100 WHEN regexp_full_match(age, '[0-9]+') AND age::INT <= 110 THEN age::INT END AS age FROM raw`;

type Sql = (text: string) => Promise<unknown[][]>;

async function union(cohorts: Record<string, readonly Row[]>): Promise<Sql> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run('CREATE TABLE raw (holder TEXT, sex TEXT, age TEXT)');
  const values = Object.entries(cohorts).flatMap(([holder, cohort]) =>
    cohort.map((row) => `('${holder}', '${row.sex}', '${row.age}')`),
  );
  await connection.run(`INSERT INTO raw VALUES ${values.join()}`);
  return async (text) => (await connection.runAndReadAll(text)).getRows();
}

async function expected(
  sql: Sql,
  names: readonly string[],
  where: string,
): Promise<Map<string, number>> {
  const axes = names.map((name) => axis[name]?.sql ?? 'NULL');
  const list = ['count(*)', ...axes].join(', ');
  const by = axes.length === 0 ? '' : `GROUP BY ${axes.map((_, i) => i + 2).join()}`;
  const found = await sql(`SELECT ${list} FROM (${CLEAN}) WHERE ${where} ${by}`);
  return new Map(found.map(([n, ...group]) => [JSON.stringify(group), Number(n)]));
}

test('cells equal SQL on the union', async () => {
  const queries = fc.array(fc.record({ names: fc.subarray(['holder', 'sex', 'age']), filter }), {
    minLength: 3,
    maxLength: 3,
  });
  const property = fc.asyncProperty(rows, rows, queries, async (lu, jp, asked) => {
    using lab = await PooledLab.open({ lu: csv(lu), jp: csv(jp) }, { rho: '100/1' });
    const sql = await union({ lu, jp });
    for (const { names, filter: chosen } of asked) {
      const groupBy = names.map((name) => axis[name]?.json ?? name);
      const query = { where: chosen.json, groupBy, rho: '1/10' };
      const { body } = await lab.release(query, ExactNoise);
      const pooled = names.filter((name) => name !== 'holder');
      for (const [part, withHolder] of [
        [names, true],
        [pooled, false],
      ] as const) {
        const found = await expected(sql, part, chosen.sql);
        const cells = body.cells.filter(
          ({ group }) => 'holder' in group === (withHolder && names.includes('holder')),
        );
        for (const { group, value } of cells) {
          const key = JSON.stringify(part.map((name) => group[name] ?? null));
          deepStrictEqual(value, found.get(key) ?? 0, `${key} of ${JSON.stringify(query)}`);
        }
      }
    }
  });
  await fc.assert(property, { numRuns: 4 });
}, 60_000);
