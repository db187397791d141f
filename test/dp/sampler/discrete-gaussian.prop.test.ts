/** The sampler in doubles against the specification in bigints, on the same bytes. */
import { deepEqual, equal, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { Secret } from '../../../src/base/secret.ts';
import { bytesOf, seededBytes } from '../../../src/dp/sampler/byte-source.ts';
import { bernoulli, bernoulliExp } from '../../../src/dp/sampler/bernoulli-exp.ts';
import {
  discreteGaussianVector,
  gaussianSampler,
} from '../../../src/dp/sampler/discrete-gaussian.ts';
import { geometricSampler, laplaceSampler } from '../../../src/dp/sampler/discrete-laplace.ts';
import { fastGaussian } from '../../../src/dp/sampler/gaussian-fast.ts';
import { referenceGaussian } from '../../../src/dp/sampler/gaussian-reference.ts';
import { drawVector } from '../../../src/dp/sampler/integer-sampler.ts';
import { fastGeometric } from '../../../src/dp/sampler/laplace-fast.ts';
import { referenceGeometric, referenceLaplace } from '../../../src/dp/sampler/laplace-reference.ts';
import { integerRoot } from '../../../src/dp/sampler/laplace-scale.ts';
import { uniformBelow, uniformBelow53 } from '../../../src/dp/sampler/uniform.ts';
import { refusal } from '../../support/refusal.ts';

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const stream = (seed: Uint8Array) => seededBytes(new Secret('seed', seed.slice()));

/** Variances inside and outside the guarded range, half of them near its limits. */
const variances = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 1 << 23 })),
    fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 4000 })),
  )
  .map(([n, d]) => Rational.of(n, d));

test('equal values and equal bytes read', () => {
  fc.assert(
    fc.property(variances, seeds, (variance, seed) => {
      const [a, b] = [stream(seed), stream(seed)];
      const [fast, slow] = [gaussianSampler(variance, a), referenceGaussian(variance, b)];
      for (let i = 0; i < 20; i++) equal(fast.draw(), slow.draw());
      equal(a.word(), b.word());
    }),
    { numRuns: 150 },
  );
});

/** Scales inside and outside the guarded range. */
const scales = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 2 ** 33 })),
    fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 4000 })),
  )
  .map(([n, d]) => Rational.of(n, d));

test('discrete Laplace and geometric: equal values and equal bytes read', () => {
  fc.assert(
    fc.property(scales, seeds, (scale, seed) => {
      const [a, b] = [stream(seed), stream(seed)];
      const [laplace, geometric] = [laplaceSampler(scale, a), geometricSampler(scale, a)];
      for (let i = 0; i < 10; i++) {
        equal(laplace.draw(), referenceLaplace(scale, b));
        equal(geometric.draw(), referenceGeometric(scale, b));
      }
      equal(a.word(), b.word());
    }),
    { numRuns: 150 },
  );
});

test('a vector is filled with what is drawn one by one, also negative and beyond 32 bits', () => {
  for (const scale of [Rational.of(7, 2), Rational.of(2 ** 31 - 1), Rational.of(2n ** 40n, 3n)]) {
    const [a, b] = [stream(new Uint8Array(32)), stream(new Uint8Array(32))];
    const one = laplaceSampler(scale, b);
    const drawn = Array.from({ length: 300 }, () => one.draw());
    deepEqual(Array.from(drawVector(laplaceSampler(scale, a), 300)), drawn);
    equal(
      drawn.some((x) => x < 0n),
      true,
    );
  }
});

test('both sides of the guard are exercised', () => {
  const bytes = stream(new Uint8Array(32));
  equal(fastGaussian(Rational.of(100), bytes) === undefined, false);
  equal(fastGaussian(Rational.of(10n ** 9n, 7n), bytes), undefined);
  equal(fastGeometric(Rational.of(2 ** 31 - 1), bytes) === undefined, false);
  equal(fastGeometric(Rational.of(2 ** 31), bytes), undefined);
  equal(fastGaussian(Rational.of(500_000_000n, 1_234_567n), bytes), undefined);
});

test('a stream of extreme words: draws continue in bigints and agree', () => {
  // Zeros win every toss, so series are long and magnitudes large; then fair bytes, so that it
  // ends.
  const extreme = (head: number) => {
    let calls = 0;
    const fair = stream(new Uint8Array(32));
    return { word: () => (calls++ < head ? 0 : fair.word()) };
  };
  for (const head of [100, 301, 5000]) {
    const [fast, slow] = [extreme(head), extreme(head)].map((bytes, i) =>
      (i === 0 ? gaussianSampler : referenceGaussian)(Rational.of(7, 2), bytes).draw(),
    );
    equal(fast, slow);
  }
});

test('uniform integers: below the bound, the same in doubles and bigints', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), seeds, (bound, seed) => {
      const drawn = uniformBelow(BigInt(bound), stream(seed));
      equal(drawn >= 0n && drawn < BigInt(bound), true);
      equal(drawn, BigInt(uniformBelow53(bound, stream(seed))));
    }),
  );
  const wide = 1n << 200n;
  equal(uniformBelow(wide, stream(new Uint8Array(32))) < wide, true);
});

test('integer root', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 200n }), (value) => {
      const root = integerRoot(value);
      equal(root * root <= value && (root + 1n) * (root + 1n) > value, true);
    }),
  );
});

describe('refusals', () => {
  const bytes = bytesOf((length) => new Uint8Array(length));
  const bad: [string, Rational][] = [
    ['zero', Rational.ZERO],
    ['negative', Rational.of(-1, 100)],
    ['above 2^80', Rational.of((1n << 80n) + 1n)],
    ['written with too many bits', Rational.of(1n, 1n << 600n)],
  ];
  for (const [name, variance] of bad) {
    test(`variance ${name}`, () => {
      throws(() => gaussianSampler(variance, bytes), refusal('NOISE_RANGE'));
      throws(() => referenceGaussian(variance, bytes), refusal('NOISE_RANGE'));
      throws(() => discreteGaussianVector(variance, 1, bytes), refusal('NOISE_RANGE'));
    });
  }
  test('other arguments', () => {
    const invalid = refusal('INVALID_PARAMETER');
    for (const scale of [Rational.ZERO, Rational.of(-1), Rational.of((1n << 48n) + 1n)]) {
      throws(() => laplaceSampler(scale, bytes), refusal('NOISE_RANGE'));
      throws(() => geometricSampler(scale, bytes), refusal('NOISE_RANGE'));
    }
    const long = Rational.of(1n, 1n << 600n);
    throws(() => laplaceSampler(long, bytes), refusal('NOISE_RANGE'));
    throws(() => discreteGaussianVector(Rational.ONE, -1, bytes), invalid);
    throws(() => discreteGaussianVector(Rational.ONE, 0.5, bytes), invalid);
    throws(() => uniformBelow(0n, bytes), invalid);
    throws(() => bernoulli(3n, 2n, bytes), invalid);
    throws(() => bernoulliExp(-1n, 2n, bytes), invalid);
    throws(() => seededBytes(new Secret('short', new Uint8Array(31))), invalid);
  });
  test('no draws, no bytes', () => {
    const never = {
      word: (): number => {
        throw new Error('read');
      },
    };
    deepEqual(discreteGaussianVector(Rational.ONE, 0, never), new BigInt64Array(0));
  });
});
