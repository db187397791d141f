/** The measure `image`: what a query may ask of an image, and what the plan makes of it. */
import { deepStrictEqual, notStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { Rational } from '../../src/base/rational.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { describePlan } from '../../src/cohort/describe.ts';
import type { ImageTerms } from '../../src/cohort/image-terms.ts';
import { price } from '../../src/cohort/price.ts';
import { parseCohortSection } from '../../src/cohort/schema.ts';
import { refusal } from '../support/refusal.ts';
import { refused } from '../support/refused.ts';

const DIGEST = 'd'.repeat(64);

const image = (change: Partial<ImageTerms['declaration']> = {}): ImageTerms => ({
  digest: DIGEST,
  boundary: 'bubblewrap',
  declaration: {
    mode: 'block',
    columns: [
      { name: 'sex', type: 'category', domain: ['F', 'M'] },
      { name: 'hba1c', type: 'float64', unit: '%' },
      { name: 'age', type: 'int64' },
      { name: 'visit', type: 'date32' },
    ],
    fields: [
      { name: 'a', min: 0, max: 10, default: 5 },
      { name: 'b', min: -3, max: 4, default: 0, step: '1/10', unit: 'mmol/L' },
    ],
    memory: 4,
    fuel: 1_000_000,
    ...change,
  },
});

const terms = (
  images: readonly ImageTerms[] = [image()],
  rows = 3,
  operations = ['image', 'count'],
) => ({
  study: '0'.repeat(64),
  holders: ['lu', 'jp'],
  honestHolders: 1,
  cohort: parseCohortSection(
    {
      person: 'pid',
      rowsPerPerson: rows,
      cellsPerPerson: Math.min(2, rows),
      declaredSize: { lu: 5000, jp: 4000 },
      nulls: [''],
      columns: {
        sex: { type: 'category', domain: ['F', 'M'] },
        age: { type: 'integer', min: 0, max: 110 },
        hba1c: { type: 'number', min: 3, max: 20, step: '1/10', unit: '%' },
        visit: { type: 'date', min: '2015-01-01', max: '2025-12-31' },
      },
    },
    ['lu', 'jp'],
  ),
  operations,
  minimumCell: 0,
  images,
});

const query = (asked: Json, more: Record<string, Json> = {}): Json => ({
  format: 'kakehashi/query/1',
  measures: [{ name: 'x', image: asked }],
  rho: '1/2',
  ...more,
});

const BLOCKS = { digest: DIGEST, blocks: 64 };
const map = image({ mode: 'map' });

describe('refused', () => {
  test.each<[string, Json, readonly ImageTerms[], string]>([
    [
      'an image that the study does not name',
      { digest: 'e'.repeat(64), blocks: 64 },
      [image()],
      '/measures/0/image/digest UNKNOWN_IMAGE',
    ],
    [
      'no number of blocks',
      { digest: DIGEST },
      [image()],
      '/measures/0/image/blocks MISSING_FIELD',
    ],
    [
      'too few blocks',
      { digest: DIGEST, blocks: 7 },
      [image()],
      '/measures/0/image/blocks OUT_OF_RANGE',
    ],
    ['blocks of people one by one', BLOCKS, [map], '/measures/0/image/blocks UNKNOWN_FIELD'],
    ['a tag', { digest: 'latest', blocks: 64 }, [image()], '/measures/0/image/digest WRONG_FORMAT'],
    [
      'a column that is not there',
      BLOCKS,
      [image({ columns: [{ name: 'weight', type: 'int64' }] })],
      '/measures/0/image COLUMN_MISMATCH',
    ],
    [
      'another domain',
      BLOCKS,
      [image({ columns: [{ name: 'sex', type: 'category', domain: ['M', 'F'] }] })],
      '/measures/0/image COLUMN_MISMATCH',
    ],
    [
      'another unit',
      BLOCKS,
      [image({ columns: [{ name: 'hba1c', type: 'float64', unit: 'mmol/mol' }] })],
      '/measures/0/image COLUMN_MISMATCH',
    ],
    [
      'steps as integers',
      BLOCKS,
      [image({ columns: [{ name: 'hba1c', type: 'int64' }] })],
      '/measures/0/image COLUMN_MISMATCH',
    ],
  ])('%s', (_, asked, images, error) => {
    deepStrictEqual(
      refused(() => compileQuery(terms(images), query(asked))),
      [error],
    );
  });

  test('where the study does not allow the operation', () => {
    const run = () => compileQuery(terms([image()], 1, ['count']), query(BLOCKS));
    throws(run, refusal('OPERATION_NOT_ALLOWED'));
  });
});

describe('the plan', () => {
  test('of blocks: noise is that of the whole range of one block, in each of two cells', () => {
    const plan = compileQuery(terms(), query(BLOCKS, { groupBy: ['sex'] }));
    const [block] = plan.blocks;
    // Two fields and two cells of a person: squared sensitivity 4 in units of the ranges, rho 1/2.
    strictEqual(block?.sensitivity.squaredL2, 4n);
    const sigma2 = 4;
    deepStrictEqual(
      block.runs.map(({ components, variance }) => [components, variance.toString()]),
      [
        [1, Rational.of(sigma2 * 100).toString()],
        [1, Rational.of(BigInt(sigma2 * 100) * 100n, 8n).toString()],
        [1, Rational.of(sigma2 * 49).toString()],
        [1, Rational.of(BigInt(sigma2 * 49) * 49n, 8n).toString()],
      ],
    );
    // 64 blocks at each of two holders.
    strictEqual(block.runs[0]?.largest, 1280n);
    strictEqual(plan.values, 3 * 4);
  });

  test('of people: one call in each of two cells, whatever their rows', () => {
    const plan = compileQuery(terms([map]), query({ digest: DIGEST }, { groupBy: ['sex'] }));
    const [block] = plan.blocks;
    strictEqual(block?.sensitivity.squaredL2, 4n);
    strictEqual(block.runs[0]?.largest, 10n * 9000n * 2n);
    deepStrictEqual(
      block.runs.map(({ components }) => components),
      [2, 1, 2, 1],
    );
  });

  test('limits, walls and image are in it, and the deadline covers all fuel of all blocks', () => {
    const plan = compileQuery(terms(), query(BLOCKS));
    const dear = compileQuery(terms([image({ fuel: 500_000_000 })]), query(BLOCKS));
    notStrictEqual(plan.queryKey, compileQuery(terms(), query({ ...BLOCKS, blocks: 65 })).queryKey);
    ok(dear.deadlineSeconds >= 4 * 64 * 0.5 * 2, `${dear.deadlineSeconds}`);
    ok(plan.deadlineSeconds <= 16);
    const [content] = plan.blocks.map((block) => block.content);
    ok(
      content?.kind === 'image' && content.boundary === 'bubblewrap' && content.fuel === 1_000_000,
    );
    ok(describePlan(plan).includes(DIGEST));
  });

  test('the price says the noise of every field, from public numbers', () => {
    const [measure] = price(compileQuery(terms(), query(BLOCKS))).perMeasure;
    deepStrictEqual(
      measure?.parts.map(({ name, unit }) => [name, unit]),
      [
        ['a', '1'],
        ['b', 'mmol/L'],
      ],
    );
    // D·1.96·√(2·F/2rho)/128 and the step of a field, with half a step of continuity.
    const wanted = (10 * 1.96 * Math.sqrt(4) + 0.5) / 128;
    ok(Math.abs((measure.parts[0]?.pooled ?? 0) - wanted) < 1e-3, String(measure.parts[0]?.pooled));
    strictEqual(measure.expected.rows, undefined);
  });
});
