/**
 * Rulings, test 4, of what is chosen inside one holder: a cohort and the same without one odd person differ in what
 * was chosen and in nothing else. Also: keys that only this person has, and a person who would break a query.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { price, priceJson } from '../../src/cohort/price.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';

const BASE = [
  'patient_id,sex,age',
  ...Array.from({ length: 40 }, (_, i) => `p${i},F,${30 + (i % 3)}`),
];
const OTHER = ['patient_id,sex,age', 'q1,F,45'].join('\n');

const ODD: Record<string, readonly string[]> = {
  'a number that is none': ['odd,F,NaN'],
  'a code outside the domain': ['odd,diverse,40'],
  'a thousand rows': Array.from({ length: 1000 }, (_, i) => `odd,M,${i % 110}`),
  'no identifier': [',F,50'],
  'quotes and semicolons': ['odd,"F\'; DROP TABLE rows; --",40'],
  'only spaces': ['odd,   ,   '],
  'a value that nobody else has': ['odd,M,109'],
};

const QUERY: Record<string, Json> = {
  holders: ['lu'],
  per: { pick: 'any' },
  groupBy: ['sex'],
  measures: [
    { name: 'ages', top: { column: 'age', bins: [0, 31, 32, 111], k: 2 } },
    { name: 'values', keys: { column: 'age', delta: '1/10000000' } },
  ],
  rho: '1/10',
};

async function observe(extra: readonly string[]) {
  const rows = [...BASE, ...extra].join('\n');
  const options = { minimumCell: 3, rho: '10/1' };
  using lab = await PooledLab.open({ lu: rows, jp: OTHER }, options);
  const { body, attestations } = await lab.release(QUERY, ExactNoise);
  const frames = lab.network.transcript
    .map(({ from, to, kind, sequence, body: bytes }) =>
      [from, to, kind, sequence, bytes.length].join(),
    )
    .sort();
  const { cells, estimates, ...rest } = body;
  return {
    cells,
    seen: {
      frames,
      states: lab.states,
      price: priceJson(price(lab.compile(QUERY).plan)),
      rest,
      named: estimates.map(({ group, name, measure }) => [group, name, measure]),
      amounts: attestations.map(({ attestation: { rho, charged, account } }) => ({
        rho,
        charged,
        account,
      })),
    },
  };
}

let alone: ReturnType<typeof observe> | undefined;
const nobodyMore = (): ReturnType<typeof observe> => (alone ??= observe([]));

describe('one odd person more or less, inside one holder', () => {
  for (const [name, rows] of Object.entries(ODD)) {
    test(name, async () => {
      deepStrictEqual((await observe(rows)).seen, (await nobodyMore()).seen);
    });
  }

  test('control: what is chosen does follow the data', async () => {
    const many = Array.from({ length: 500 }, (_, i) => `m${i},F,60`);
    const values = (cells: Awaited<ReturnType<typeof observe>>['cells']) =>
      cells.filter(({ measure }) => measure === 'values').map(({ group }) => group['age']);
    ok(values((await observe(many)).cells).includes('60'));
    ok(!values((await nobodyMore()).cells).includes('60'));
  });
});
