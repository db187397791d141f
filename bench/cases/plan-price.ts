/**
 * What an analyst waits for before a query runs: from the JSON of a query to its price and the expected error of
 * every cell. Size: cells of one survival table, exits of every group. A price of one count beside it is what
 * reading and compiling cost alone.
 */
import { ok } from 'node:assert/strict';
import type { Json } from '../../src/base/canonical-json.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { price } from '../../src/cohort/price.ts';
import type { StudyTerms } from '../../src/cohort/query.ts';
import { parseCohortSection } from '../../src/cohort/schema.ts';
import { defineCase } from '../case.ts';

const HOLDERS = ['jp', 'lu'];
const INTERVALS = 12;
const EXITS = 2 * INTERVALS + 1;
const EDGES = Array.from({ length: INTERVALS + 1 }, (_, i) => 10 * i);

type Setup = { readonly terms: StudyTerms; readonly query: Json };

function setup(size: number): Setup {
  // One group of the axis is that of people without a value.
  const groups = Math.max(1, Math.round(size / EXITS) - 1);
  const section = {
    person: 'id',
    rowsPerPerson: 1,
    cellsPerPerson: 1,
    declaredSize: { lu: 100_000, jp: 100_000 },
    nulls: [''],
    columns: {
      centre: { type: 'category', domain: Array.from({ length: groups }, (_, i) => `c${i}`) },
      months: { type: 'integer', min: 0, max: 120, unit: 'mo' },
      died: { type: 'integer', min: 0, max: 1 },
    },
  };
  const terms: StudyTerms = {
    study: '0'.repeat(64),
    holders: HOLDERS,
    honestHolders: 1,
    cohort: parseCohortSection(section, HOLDERS),
    operations: ['survival', 'count'],
    minimumCell: 10,
  };
  const survival = { time: 'months', event: 'died', grid: EDGES };
  return { terms, query: asked([{ name: 'os', survival }], ['centre']) };
}

const asked = (measures: Json[], groupBy: Json[]): Json => ({
  format: 'kakehashi/query/1',
  groupBy,
  measures,
  rho: '1/50',
});

const priced = ({ terms, query }: Setup) => price(compileQuery(terms, query));

export default defineCase<Setup>({
  name: 'plan/price',
  timed: 'From the JSON of a query to its price and the expected error of every cell. Size: cells.',
  sizes: [1000],
  unit: 'ms',
  setup,
  check: (own) => {
    const { perMeasure, cells, rho } = priced(own);
    ok(rho.toString() === '1/50' && cells > 0);
    ok((perMeasure[0]?.expected.pooled ?? 0) > 0);
  },
  contenders: {
    survival: priced,
    count: ({ terms }) => priced({ terms, query: asked([{ name: 'n', count: true }], ['centre']) }),
  },
});
