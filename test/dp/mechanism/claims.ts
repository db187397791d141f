/** What every mechanism promises on a worst pair of neighbours, and a broken twin of each. */
import { Rational } from '../../../src/base/rational.ts';
import { Secret } from '../../../src/base/secret.ts';
import { zcdpDelta } from '../../../src/dp/accountant/zcdp.ts';
import { privateQuantile } from '../../../src/dp/mechanism/answer-quantile.ts';
import { drawDummies, dummyDelta } from '../../../src/dp/mechanism/dummies.ts';
import { dyadicTree, pathOf } from '../../../src/dp/mechanism/dyadic.ts';
import { deltaAt } from '../../../src/dp/mechanism/gaussian-law.ts';
import { PartitionSelection } from '../../../src/dp/mechanism/partition-selection.ts';
import { respond, responseEpsilon } from '../../../src/dp/mechanism/randomised-response.ts';
import { regressionRow, regressionSums } from '../../../src/dp/mechanism/regression.ts';
import { exponentialMechanism, permuteAndFlip } from '../../../src/dp/mechanism/selection.ts';
import { topCandidates } from '../../../src/dp/mechanism/top-candidates.ts';
import { winsorisedSum } from '../../../src/dp/mechanism/winsorised-mean.ts';
import {
  releaseKeys,
  type Threshold,
  thresholdDelta,
  thresholdEpsilon,
} from '../../../src/dp/mechanism/threshold.ts';
import { type ByteSource, seededBytes } from '../../../src/dp/sampler/byte-source.ts';
import { gaussianSampler } from '../../../src/dp/sampler/discrete-gaussian.ts';
import { laplaceSampler } from '../../../src/dp/sampler/discrete-laplace.ts';
import type { IntegerSampler } from '../../../src/dp/sampler/integer-sampler.ts';
import type { Claim } from '../hockey-stick.ts';

type Pair = { readonly sound: Claim; readonly broken: Claim };

const shift = (noise: IntegerSampler, by: number) => () => Number(noise.draw()) + by;
const HALF = Rational.of(1, 2);

/** Neighbours that differ along `direction`: the best statistic is the projection on it. */
function projected(direction: readonly number[], noise: IntegerSampler, moved: boolean) {
  return () => direction.reduce((sum, u) => sum + u * (Number(noise.draw()) + (moved ? u : 0)), 0);
}

function additive(bytes: ByteSource): Pair[] {
  const gaussian = (variance: number, name: string): Claim => ({
    name,
    draw: shift(gaussianSampler(Rational.of(variance), bytes), 0),
    neighbour: shift(gaussianSampler(Rational.of(variance), bytes), 1),
    epsilon: 0.25,
    delta: deltaAt(4, 1, 0.25),
  });
  const laplace = (scale: Rational, name: string): Claim => ({
    name,
    draw: shift(laplaceSampler(scale, bytes), 0),
    neighbour: shift(laplaceSampler(scale, bytes), 1),
    epsilon: 0.5,
    delta: 0,
  });
  const path = pathOf(dyadicTree(4), 2).map(() => 1);
  const dyadic = (levels: number[], name: string): Claim => ({
    name,
    draw: projected(levels, gaussianSampler(Rational.of(12), bytes), false),
    neighbour: projected(levels, gaussianSampler(Rational.of(12), bytes), true),
    epsilon: 0.25,
    delta: deltaAt(4, 1, 0.25), // 3/(2·12) = 1/(2·4)
  });
  const sums = regressionSums([1n], 1n);
  const row = regressionRow(sums, [1n], 1n).map(Number);
  const regression = (variance: bigint, name: string): Claim => ({
    name,
    draw: projected(row, gaussianSampler(Rational.of(variance), bytes), false),
    neighbour: projected(row, gaussianSampler(Rational.of(variance), bytes), true),
    epsilon: 0.25,
    delta: deltaAt(4, 1, 0.25),
  });
  return [
    { sound: gaussian(4, 'discrete Gaussian'), broken: gaussian(2, 'half the variance') },
    {
      sound: laplace(Rational.of(2), 'discrete Laplace'),
      broken: laplace(Rational.ONE, 'half the scale'),
    },
    {
      sound: dyadic(path, 'dyadic tree'),
      broken: dyadic([...path, ...path, ...path], 'a tree three times as deep as was charged'),
    },
    {
      sound: regression(4n * sums.squaredL2, 'regression sums'),
      broken: regression(4n, 'regression sums charged as one'),
    },
  ];
}

function choices(bytes: ByteSource): Pair[] {
  const [scores, moved] = [
    [0n, 4n, 3n, 1n],
    [1n, 3n, 4n, 0n],
  ];
  const selection = (
    choose: typeof permuteAndFlip,
    monotone: boolean,
    name: string,
    epsilon = Rational.ONE,
  ): Claim => ({
    name,
    draw: () => choose({ scores, epsilon, sensitivity: 1n, monotone }, bytes),
    neighbour: () => choose({ scores: moved, epsilon, sensitivity: 1n, monotone }, bytes),
    epsilon: 1,
    delta: 0,
  });
  const response = { categories: 4, truth: HALF };
  const answers = (truth: Rational, name: string): Claim => ({
    name,
    draw: () => respond({ ...response, truth }, 0, bytes),
    neighbour: () => respond({ ...response, truth }, 3, bytes),
    epsilon: responseEpsilon(response).toNumber(),
    delta: 0,
  });
  return [
    {
      sound: selection(permuteAndFlip, false, 'permute-and-flip'),
      broken: selection(permuteAndFlip, true, 'scores that are not monotone, called monotone'),
    },
    {
      sound: selection(exponentialMechanism, false, 'exponential mechanism'),
      broken: selection(exponentialMechanism, true, 'four times the epsilon', Rational.of(2)),
    },
    {
      sound: answers(HALF, 'randomised response'),
      broken: answers(Rational.of(3, 4), 'the truth more often'),
    },
  ];
}

/** Of answers on blocks of people, one of which may become any other; and of counts, k of them. */
function withinOneHolder(bytes: ByteSource): Pair[] {
  const blocks = { answers: [0n, 0n, 5n, 5n], min: 0n, max: 5n };
  const moved = { ...blocks, answers: [5n, 0n, 5n, 5n] };
  const wide = { answers: [0n, 0n, 50n, 50n], min: 0n, max: 50n };
  const median = (epsilon: Rational, name: string): Claim => ({
    name,
    draw: () => Number(privateQuantile(wide, 2, epsilon, bytes)),
    neighbour: () =>
      Number(privateQuantile({ ...wide, answers: [50n, 0n, 50n, 50n] }, 2, epsilon, bytes)),
    epsilon: 1,
    delta: 0,
  });
  const top = (epsilon: Rational, name: string): Claim => {
    const chosen = (scores: readonly bigint[]) => () =>
      topCandidates({ scores, k: 2, epsilon, sensitivity: 1n }, bytes).join();
    return {
      name,
      draw: chosen([1n, 1n, 1n]),
      neighbour: chosen([2n, 1n, 1n]),
      epsilon: 0.5,
      delta: 0,
    };
  };
  const winsorised = (noise: Rational, name: string): Claim => {
    const released = (given: typeof blocks) => () => {
      const { quartiles, sum } = winsorisedSum(given, { epsilon: HALF, noise }, bytes);
      return [...quartiles, sum].join();
    };
    // 2·(1/2)²/8 + 1/(2·4)
    return {
      name,
      draw: released(blocks),
      neighbour: released(moved),
      epsilon: 1,
      delta: zcdpDelta(3 / 16, 1),
    };
  };
  return [
    {
      sound: median(Rational.ONE, 'private median'),
      broken: median(Rational.of(4), 'a median of four times the epsilon'),
    },
    {
      sound: top(Rational.of(1, 4), 'best two'),
      broken: top(Rational.of(2), 'the epsilon of all for each choice, and more'),
    },
    {
      sound: winsorised(Rational.of(4), 'winsorised mean'),
      broken: winsorised(Rational.of(1, 50), 'noise for a fence much narrower than it is'),
    },
  ];
}

function hidden(bytes: ByteSource): Pair[] {
  const law: Threshold = { l0: 1, linf: 1, scale: Rational.of(2), threshold: 4 };
  const keys = (threshold: number, name: string): Claim => {
    const released = (own: bigint) => () => {
      const counts = new Map([['shared', 3n + own], ...(own > 0n ? [['own', own] as const] : [])]);
      return JSON.stringify(
        [...releaseKeys(counts, { ...law, l0: 2, threshold }, bytes)],
        (_, x: unknown) => (typeof x === 'bigint' ? Number(x) : x),
      );
    };
    return {
      name,
      draw: released(0n),
      neighbour: released(1n),
      epsilon: thresholdEpsilon({ ...law, l0: 2 }).toNumber(),
      delta: thresholdDelta({ ...law, l0: 1 }).toNumber(), // one key of the two is this person's own
    };
  };
  const delta = Rational.of(1, 20);
  const partition = (epsilon: Rational, people: number, name: string): Claim => {
    const selects = new PartitionSelection({ epsilon, delta, l0: 1 });
    return {
      name,
      draw: () => Number(selects.shows(people, bytes)),
      neighbour: () => Number(selects.shows(people + 1, bytes)),
      epsilon: 0.5,
      delta: 0.05,
    };
  };
  const dummies = (reach: number, name: string): Claim => {
    const given = { epsilon: HALF, reach, delta: Rational.ONE };
    return {
      name,
      draw: () => drawDummies(given, bytes),
      neighbour: () => drawDummies(given, bytes) + 1,
      epsilon: 0.5,
      delta: dummyDelta(HALF, 4).toNumber(),
    };
  };
  return [
    { sound: keys(4, 'threshold'), broken: keys(3, 'filtered by > T − 2, accounted as ≥ T') },
    {
      sound: partition(HALF, 3, 'partition selection'),
      broken: partition(Rational.ONE, 3, 'a recursion with twice the epsilon'),
    },
    { sound: dummies(4, 'dummies'), broken: dummies(2, 'a reach that is too short') },
  ];
}

/** Of one holder on its own data: slower draws. */
export const claimsWithinOneHolder = (label: number): Pair[] =>
  withinOneHolder(seededBytes(new Secret('seed', new Uint8Array(32).fill(label))));

/** `label` names the stream of bytes: the same for the same label. */
export function claims(label: number): Pair[] {
  const bytes = seededBytes(new Secret('seed', new Uint8Array(32).fill(label)));
  return [...additive(bytes), ...choices(bytes), ...hidden(bytes)];
}
