/**
 * Selection, partitions, thresholds, randomised response: laws against enumeration, costs against the
 * exact worst case, boundaries, refusals.
 */
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { Secret } from '../../../src/base/secret.ts';
import { FIXED_ONE } from '../../../src/dp/exponential.ts';
import {
  laplaceAccuracy,
  laplaceEpsilon,
  laplaceLaw,
  laplaceMass,
  laplaceScaleFor,
  laplaceVariance,
} from '../../../src/dp/mechanism/discrete-laplace.ts';
import { PartitionSelection } from '../../../src/dp/mechanism/partition-selection.ts';
import {
  respond,
  responseEpsilon,
  responseEstimates,
} from '../../../src/dp/mechanism/randomised-response.ts';
import {
  exponentialMechanism,
  exponentialProbabilities,
  exponentialRho,
  permuteAndFlip,
  quantileScores,
  type Selection,
  selectionExponents,
} from '../../../src/dp/mechanism/selection.ts';
import {
  reaches,
  releaseKeys,
  thresholdDelta,
  thresholdEpsilon,
  thresholdFor,
} from '../../../src/dp/mechanism/threshold.ts';
import { seededBytes } from '../../../src/dp/sampler/byte-source.ts';
import { refusal } from '../../support/refusal.ts';
import { rejects } from '../chi-square.ts';

const invalid = refusal('INVALID_PARAMETER');
const range = refusal('NOISE_RANGE');
const bytes = seededBytes(new Secret('seed', new Uint8Array(32).fill(3)));
const close = (a: number, b: number, relative = 1e-12) => {
  ok(Math.abs(a - b) <= relative * Math.abs(b), `${a}, not ${b}`);
};

describe('selection', () => {
  const selection: Selection = {
    scores: [0n, 2n, 1n, 2n],
    epsilon: Rational.ONE,
    sensitivity: 1n,
    monotone: false,
  };
  /** P(r) of permute-and-flip over every order. */
  function permuted(heads: readonly number[]): number[] {
    const result = heads.map(() => 0);
    const walk = (left: readonly number[], reached: number) => {
      for (const r of left) {
        const here = reached / left.length;
        result[r]! += here * heads[r]!;
        if (heads[r]! < 1)
          walk(
            left.filter((x) => x !== r),
            here * (1 - heads[r]!),
          );
      }
    };
    walk(
      heads.map((_, r) => r),
      1,
    );
    return result;
  }
  const lawOf = (probabilities: readonly number[]) => ({
    radius: 0,
    mass: Float64Array.from(probabilities),
  });

  test('laws, each against the other as a control', () => {
    const heads = selectionExponents(selection).map((x) => Math.exp(-x.toNumber()));
    const laws = [lawOf(permuted(heads)), lawOf(exponentialProbabilities(selection))] as const;
    [permuteAndFlip, exponentialMechanism].forEach((choose, i) => {
      const samples = Array.from({ length: 20_000 }, () => choose(selection, bytes));
      equal(rejects(samples, laws[i]!), false);
      equal(rejects(samples, laws[1 - i]!), true);
    });
  });
  test('one candidate, equal candidates, a hopeless one', () => {
    equal(permuteAndFlip({ ...selection, scores: [-5n] }, bytes), 0);
    const far = { ...selection, scores: [0n, 10n ** 30n] };
    equal(permuteAndFlip(far, bytes), 1);
    equal(exponentialMechanism(far, bytes), 1);
  });
  test('rho of an exponential mechanism; scores of a quantile move by at most their sensitivity', () => {
    equal(exponentialRho(Rational.of(2)).toString(), '1/2');
    const quantile = (values: readonly number[]) =>
      quantileScores(
        Rational.of(3, 4),
        [2, 5, 8].map((c) => BigInt(values.filter((x) => x < c).length)),
        [2, 5, 8].map((c) => BigInt(values.filter((x) => x > c).length)),
      );
    const values = [1, 2, 4, 5, 5, 7, 9];
    const { scores, sensitivity } = quantile(values);
    equal(sensitivity, 3n);
    for (let extra = 0; extra < 10; extra++) {
      quantile([...values, extra]).scores.forEach((score, i) => {
        const moved = score - (scores[i] ?? 0n);
        ok(moved <= sensitivity && -moved <= sensitivity);
      });
    }
  });
  test('refusals', () => {
    for (const bad of [
      { scores: [] },
      { epsilon: Rational.ZERO },
      { epsilon: Rational.of(-1) },
      { sensitivity: 0n },
      { sensitivity: -1n },
    ]) {
      throws(() => permuteAndFlip({ ...selection, ...bad }, bytes), invalid);
      throws(() => exponentialMechanism({ ...selection, ...bad }, bytes), invalid);
    }
    throws(() => exponentialRho(Rational.of(-1)), invalid);
    throws(() => quantileScores(Rational.ONE, [], []), invalid);
    throws(() => quantileScores(Rational.of(1, 2), [1n], []), invalid);
  });
});

describe('partition selection', () => {
  const given = { epsilon: Rational.of(1, 2), delta: Rational.of(1, 50), l0: 1 };
  const p = (x: bigint) => Rational.of(x, FIXED_ONE).toNumber();

  test('obeys both inequalities to the last bit, and is the largest that does', () => {
    const selects = new PartitionSelection(given);
    const e = Math.exp(0.5);
    for (let n = 0; n < 40; n++) {
      const [here, next] = [p(selects.probability(n)), p(selects.probability(n + 1))];
      ok(next <= (e * here + 0.02) * (1 + 1e-15));
      ok(1 - here <= (e * (1 - next) + 0.02) * (1 + 1e-15));
      const most = Math.min(1, e * here + 0.02, 1 - (1 - here - 0.02) / e);
      ok(next >= most - 1e-12);
    }
    equal(selects.probability(10 ** 9), FIXED_ONE);
    equal(selects.probability(0), 0n);
  });
  test('of a person with two keys each has half of epsilon and half of delta', () => {
    const two = new PartitionSelection({ ...given, l0: 2 });
    const half = new PartitionSelection({
      epsilon: Rational.of(1, 4),
      delta: Rational.of(1, 100),
      l0: 1,
    });
    for (let n = 0; n < 60; n++) equal(two.probability(n), half.probability(n));
  });
  test('keys of fewer than `least` people are never shown', () => {
    const [plain, small] = [
      new PartitionSelection(given),
      new PartitionSelection({ ...given, least: 10 }),
    ];
    equal(small.probability(9), 0n);
    equal(small.probability(15), plain.probability(6));
  });
  test('names come back sorted, whatever the order of the rows', () => {
    const selects = new PartitionSelection(given);
    const people = new Map([
      ['z', 500],
      ['a', 900],
      ['never', 0],
    ]);
    deepEqual(selects.select(people, bytes), ['a', 'z']);
  });
  test('refusals', () => {
    for (const bad of [
      { epsilon: Rational.ZERO },
      { delta: Rational.ZERO },
      { delta: Rational.ONE },
      { delta: Rational.of(-1, 2) },
      { l0: 0 },
      { l0: 1.5 },
      { least: 0 },
    ]) {
      throws(() => new PartitionSelection({ ...given, ...bad }), invalid);
    }
    for (const people of [-1, 0.5, Number.NaN]) {
      throws(() => new PartitionSelection(given).probability(people), invalid);
    }
    const slow = {
      ...given,
      epsilon: Rational.of(1n, 10n ** 9n),
      delta: Rational.of(1n, 10n ** 9n),
    };
    throws(() => new PartitionSelection(slow).probability(2 ** 17), range);
  });
});

describe('threshold', () => {
  const bounds = { l0: 1, linf: 1, scale: Rational.of(2) };
  const chance = (t: number) =>
    laplaceLaw(0.5).mass.reduce((s, x, i) => s + (i - 81 >= t ? x : 0), 0);

  test('δ is the exact tail of the event that releases, on both sides of the boundary', () => {
    equal(laplaceLaw(0.5).radius, 81);
    for (const threshold of [2, 3, 10, 24]) {
      close(thresholdDelta({ ...bounds, threshold }).toNumber(), chance(threshold - 1), 1e-9);
    }
    ok(reaches(5n, 5) && !reaches(4n, 5));
  });
  test('control: a filter by > accounts another δ, by a factor of e^(1/scale)', () => {
    const [at, above] = [10, 11].map((threshold) =>
      thresholdDelta({ ...bounds, threshold }).toNumber(),
    );
    close((at ?? 0) / (above ?? 1), Math.exp(0.5), 1e-9);
  });
  test('the smallest threshold that keeps δ; ε of all keys', () => {
    const law = thresholdFor({ ...bounds, l0: 4, scale: Rational.of(4) }, Rational.of(1, 10 ** 6));
    equal(law.threshold, 60);
    equal(thresholdEpsilon({ l0: 4, linf: 3, scale: Rational.of(24) }).toString(), '1/2');
  });
  test('keys nobody has are not released, large ones are', () => {
    const law = thresholdFor(bounds, Rational.of(1, 10 ** 6));
    const counts = new Map([
      ['b', 10_000n],
      ['a', 20_000n],
      ['nobody', 0n],
    ]);
    const released = releaseKeys(counts, law, bytes);
    deepEqual([...released.keys()], ['a', 'b']);
    throws(() => releaseKeys(new Map([['a', -1n]]), law, bytes), invalid);
  });
  test('refusals', () => {
    for (const bad of [
      { l0: 0 },
      { l0: -1 },
      { linf: 0 },
      { linf: 0.5 },
      { scale: Rational.ZERO },
      { scale: Rational.of(-1) },
      { threshold: 1 },
      { threshold: Number.NaN },
      { threshold: Number.POSITIVE_INFINITY },
    ]) {
      throws(() => thresholdDelta({ ...bounds, threshold: 10, ...bad }), invalid);
    }
    for (const delta of [Rational.ZERO, Rational.of(-1), Rational.ONE, Rational.of(11, 10)]) {
      throws(() => thresholdFor(bounds, delta), invalid);
    }
  });
});

describe('randomised response', () => {
  const response = { categories: 4, truth: Rational.of(3, 4) };
  test('law, cost rounded up, unbiased estimates', () => {
    const samples = Array.from({ length: 20_000 }, () => respond(response, 2, bytes));
    const law = (p: number) => ({
      radius: 0,
      mass: Float64Array.of((1 - p) / 3, (1 - p) / 3, p, (1 - p) / 3),
    });
    equal(rejects(samples, law(0.75)), false);
    equal(rejects(samples, law(0.78)), true);
    const epsilon = responseEpsilon(response).toNumber();
    ok(epsilon >= Math.log(9) && epsilon < Math.log(9) + 2e-12);
    const given = [1n, 2n, 3n, 6n].map((n) => n * 4n);
    const estimates = responseEstimates(response, given);
    equal(estimates.reduce((s, x) => s.plus(x), Rational.ZERO).toString(), '48/1');
    equal(estimates[3]?.toString(), '30/1'); // (24 − 48/12)/(3/4 − 1/12)
  });
  test('refusals', () => {
    for (const bad of [
      { categories: 1 },
      { categories: 2.5 },
      { truth: Rational.ONE },
      { truth: Rational.of(1, 4) },
      { truth: Rational.of(-1, 4) },
    ]) {
      throws(() => responseEpsilon({ ...response, ...bad }), invalid);
    }
    for (const category of [-1, 4, 0.5]) throws(() => respond(response, category, bytes), invalid);
    throws(() => responseEstimates(response, [1n]), invalid);
  });
});

describe('discrete Laplace', () => {
  test('cost, law, accuracy', () => {
    equal(laplaceScaleFor(3n, Rational.of(1, 2)).toString(), '6/1');
    equal(laplaceEpsilon(3n, Rational.of(6)).toString(), '1/2');
    close(laplaceMass(1, 0), 0.46211715726000974);
    close(laplaceVariance(0.5), 7.835396178065528, 1e-10);
    equal(laplaceAccuracy(0.5, 0.05), 7);
    close(
      laplaceLaw(0.3).mass.reduce((s, x) => s + x, 0),
      1,
    );
  });
  test('refusals', () => {
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      throws(() => laplaceLaw(bad), range);
      throws(() => laplaceMass(bad, 0), range);
      throws(() => laplaceVariance(bad), range);
      throws(() => laplaceAccuracy(bad, 0.05), range);
    }
    throws(() => laplaceLaw(1e-9), range);
    for (const bad of [0, 1, -1, Number.NaN]) throws(() => laplaceAccuracy(1, bad), invalid);
    throws(() => laplaceScaleFor(0n, Rational.ONE), invalid);
    throws(() => laplaceScaleFor(1n, Rational.ZERO), invalid);
    throws(() => laplaceEpsilon(-1n, Rational.ONE), invalid);
  });
});
