/** Draws of exact discrete Laplace noise, scale 20, one core: in doubles, and by the bigint specification. */
import { deepStrictEqual } from 'node:assert/strict';
import { Rational } from '../../src/base/rational.ts';
import { laplaceSampler } from '../../src/dp/sampler/discrete-laplace.ts';
import { drawVector, samplerOfBigints } from '../../src/dp/sampler/integer-sampler.ts';
import { referenceLaplace } from '../../src/dp/sampler/laplace-reference.ts';
import { defineCase } from '../case.ts';
import { noiseBytes } from './dp-lab.ts';

const SCALE = Rational.of(20);

const bigints = (count: number): BigInt64Array => {
  const bytes = noiseBytes();
  return drawVector(
    samplerOfBigints(() => referenceLaplace(SCALE, bytes)),
    count,
  );
};

export default defineCase<number>({
  name: 'dp/laplace',
  timed: 'From a seed to a vector of draws. Size: draws.',
  sizes: [100_000],
  unit: 'ms',
  setup: (size) => size,
  check: () => {
    deepStrictEqual(drawVector(laplaceSampler(SCALE, noiseBytes()), 1000), bigints(1000));
  },
  contenders: {
    doubles: (size) => drawVector(laplaceSampler(SCALE, noiseBytes()), size),
    bigints,
  },
  gate: { contender: 'doubles', against: 'bigints', atLeast: 1.5 },
});
