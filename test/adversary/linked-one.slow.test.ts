/**
 * A linkage set of one, an attack of the notes on differential privacy: a cohort in which one person is in both, and
 * one in which nobody is. The same bytes go over every channel, the same is charged, and what is released differs
 * in noised numbers only, which the study's minimum hides. Control: without noise and minimum it is that person.
 */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { test } from 'vitest';
import type { Noise } from '../../src/flows/ports.ts';
import type { ReleaseBody } from '../../src/flows/pooled/release.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { keyOf, LinkedLab, type People } from '../support/linked-lab.ts';

/** 60 people each; the first one of either is the same where `shared`. */
function people(shared: boolean): People {
  const ids = Array.from({ length: 60 }, (_, i) => i);
  return {
    groups: {
      keys: ids.map((i) => keyOf(i)),
      groups: [0, 1].map((group) => Uint8Array.from(ids, (i) => (i % 2 === group ? 1 : 0))),
    },
    values: {
      keys: ids.map((i) => keyOf(i === 0 && shared ? 0 : 1000 + i)),
      values: [Float64Array.from(ids, (i) => 10 + i)],
    },
  };
}

async function seen(shared: boolean, noise: Noise, minimumCell: number) {
  using lab = await LinkedLab.open({ declaredSize: 64, minimumCell });
  const { body } = await lab.release(people(shared), noise);
  const charged = await Promise.all(
    [lab.a, lab.b].map(async ({ ledger }) => {
      const { spent } = await ledger.account(lab.study.id);
      return [spent.rho.toString(), spent.delta.toString()];
    }),
  );
  return { body, bytes: lab.bytes, charged };
}

const values = ({ cells }: ReleaseBody): (number | null)[] => cells.map(({ value }) => value);

test('a linkage set of one is told from an empty one by nothing but noised numbers', async () => {
  const [empty, one] = [await seen(false, ExactNoise, 10), await seen(true, ExactNoise, 10)];
  equal(one.bytes, empty.bytes);
  deepStrictEqual(one.charged, empty.charged);
  deepStrictEqual(one.body, empty.body, 'all of it is hidden');

  // Control: shown and without noise, it is the person and its value.
  const shown = await seen(true, ExactNoise, 0);
  deepStrictEqual(values(shown.body).slice(0, 3), [1, 0, 0]);
});
