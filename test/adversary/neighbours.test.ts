/**
 * Rulings, test 4, inside one process: a cohort and the same cohort without one odd person differ
 * in noised cells only. Everything else that anybody but the holder sees is equal: the plan, the
 * price, the kinds, order and sizes of all messages, the shape of the release.
 */
import { deepStrictEqual, notDeepStrictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { ReleaseBody } from '../../src/flows/pooled/release.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';

const BASE = ['patient_id,sex,age', 'p1,F,34', 'p2,M,61', 'p3,F,70'];
const OTHER = ['patient_id,sex,age', 'q1,F,45', 'q2,M,50'].join('\n');

const ODD: Record<string, readonly string[]> = {
  'a number that is none': ['odd,F,NaN'],
  'a code outside the domain': ['odd,diverse,40'],
  'a thousand rows': Array.from({ length: 1000 }, (_, i) => `odd,M,${i % 110}`),
  'no identifier': [',F,50'],
  'a very long value': [`odd,${'F'.repeat(5000)},40`],
  'quotes and semicolons': ['odd,"F\'; DROP TABLE rows; --",40'],
  'only spaces': ['odd,   ,   '],
};

type Seen = {
  readonly frames: readonly (readonly [string, string, string, number, number])[];
  readonly states: readonly string[];
  readonly shape: unknown;
  readonly cells: readonly (number | null)[];
};

/** All that leaves the holders, with cells and ciphertexts reduced to their shape. */
async function observe(extra: readonly string[]): Promise<Seen> {
  using lab = await PooledLab.open({ lu: [...BASE, ...extra].join('\n'), jp: OTHER });
  const query = { groupBy: ['sex', { column: 'age', bins: [0, 50, 111] }], rho: '1/10' };
  const { body } = await lab.release(query, ExactNoise);
  const frames = lab.network.transcript.map(
    ({ from, to, kind, sequence, body: bytes }) =>
      [from, to, kind, sequence, bytes.length] as const,
  );
  const ordered = [...frames].sort((a, b) => (a.join() < b.join() ? -1 : 1));
  return {
    frames: ordered,
    states: lab.states,
    shape: shapeOf(body),
    cells: body.cells.map((c) => c.value),
  };
}

const shapeOf = (body: ReleaseBody): unknown => ({
  ...body,
  cells: body.cells.map(({ group, measure, noise }) => ({ group, measure, noise })),
});

describe('one odd person more or less', () => {
  for (const [name, rows] of Object.entries(ODD)) {
    test(name, async () => {
      const [without, with_] = [await observe([]), await observe(rows)];
      deepStrictEqual({ ...with_, cells: [] }, { ...without, cells: [] });
    });
  }

  test('control: the cells do differ', async () => {
    notDeepStrictEqual((await observe(['odd,F,20'])).cells, (await observe([])).cells);
  });
});
