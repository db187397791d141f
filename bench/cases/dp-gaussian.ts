/** Draws of the exact discrete Gaussian, σ² = 100, one core: in doubles, and by the bigint specification. */
import { deepStrictEqual } from 'node:assert/strict';
import { Rational } from '../../src/base/rational.ts';
import { gaussianSampler } from '../../src/dp/sampler/discrete-gaussian.ts';
import { referenceGaussian } from '../../src/dp/sampler/gaussian-reference.ts';
import { drawVector } from '../../src/dp/sampler/integer-sampler.ts';
import { defineCase } from '../case.ts';
import { noiseBytes } from './dp-lab.ts';

const VARIANCE = Rational.of(100);

export default defineCase<number>({
  name: 'dp/gaussian',
  timed: 'From a seed to a vector of draws. Size: draws.',
  sizes: [100_000],
  unit: 'ms',
  setup: (size) => size,
  check: () => {
    deepStrictEqual(
      drawVector(gaussianSampler(VARIANCE, noiseBytes()), 1000),
      drawVector(referenceGaussian(VARIANCE, noiseBytes()), 1000),
    );
  },
  contenders: {
    doubles: (size) => drawVector(gaussianSampler(VARIANCE, noiseBytes()), size),
    bigints: (size) => drawVector(referenceGaussian(VARIANCE, noiseBytes()), size),
  },
  gate: { contender: 'doubles', against: 'bigints', atLeast: 1.5 },
});
