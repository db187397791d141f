/** How each function of the reference cases is answered here, or why it is not. */
/* eslint @typescript-eslint/no-explicit-any: off, @typescript-eslint/no-unsafe-argument: off, @typescript-eslint/no-unsafe-assignment: off, @typescript-eslint/no-unsafe-call: off, @typescript-eslint/no-unsafe-member-access: off, @typescript-eslint/no-unsafe-return: off, @typescript-eslint/restrict-plus-operands: off, @typescript-eslint/restrict-template-expressions: off */
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { greenwoodTerm, kaplanMeier } from '../../src/analysis/survival/curve.ts';
import { ratiosOf } from '../../src/analysis/table/contingency.ts';
import { Rational } from '../../src/base/rational.ts';
import { Composition } from '../../src/dp/accountant/composition.ts';
import { homogeneousEpsilon } from '../../src/dp/accountant/conversions.ts';
import { PureFilter, ZcdpFilter } from '../../src/dp/accountant/filters.ts';
import {
  gaussianDelta,
  gaussianEpsilon,
  gaussianMu,
  gaussianSigma,
  gaussianTruePositives,
} from '../../src/dp/accountant/gaussian-dp.ts';
import { LatticeLoss } from '../../src/dp/accountant/lattice-loss.ts';
import {
  discreteGaussianLoss,
  discreteLaplaceLoss,
  gaussianLoss,
  laplaceLoss,
  type Mechanism,
  pairLoss,
} from '../../src/dp/accountant/loss-of.ts';
import { lawDelta, lawEpsilon, twoLaplaceLaw } from '../../src/dp/accountant/outsider-law.ts';
import { rdpEpsilon, rdpOfLaplace, rdpOfResponse } from '../../src/dp/accountant/rdp.ts';
import { tauUp } from '../../src/dp/accountant/shares.ts';
import { zcdpDelta, zcdpEpsilon } from '../../src/dp/accountant/zcdp.ts';
import { FIXED_ONE } from '../../src/dp/exponential.ts';
import { tailAtMost, varianceFor } from '../../src/dp/mechanism/discrete-gaussian.ts';
import {
  laplaceAccuracy,
  laplaceEpsilon,
  laplaceMass,
  laplaceScaleFor,
  laplaceVariance,
} from '../../src/dp/mechanism/discrete-laplace.ts';
import {
  deltaAt,
  gaussianLaw,
  gaussianMass,
  gaussianSharesLaw,
  type Law,
} from '../../src/dp/mechanism/gaussian-law.ts';
import { PartitionSelection } from '../../src/dp/mechanism/partition-selection.ts';
import { responseEpsilon } from '../../src/dp/mechanism/randomised-response.ts';
import { regressionSums } from '../../src/dp/mechanism/regression.ts';
import {
  exponentialProbabilities,
  exponentialRho,
  quantileScores,
} from '../../src/dp/mechanism/selection.ts';
import { thresholdDelta, thresholdFor } from '../../src/dp/mechanism/threshold.ts';
import { bytesOf, seededBytes } from '../../src/dp/sampler/byte-source.ts';
import { gaussianSampler } from '../../src/dp/sampler/discrete-gaussian.ts';
import { drawVector } from '../../src/dp/sampler/integer-sampler.ts';
import { Secret } from '../../src/base/secret.ts';
import { type ReferenceCase, within } from './reference-cases.ts';

/** A mechanism of a composition, as the file writes it. */
type Named = {
  readonly type: string;
  readonly count?: number;
  readonly b: number;
  readonly sigma: number;
  readonly sigma2: number;
  readonly sens: number;
  readonly epsilon: number;
  readonly delta: number;
};
/** Of another shape for each function; its entry below reads its own fields. */
export type Input = any;
export type Expected = any;
type Answer = (input: Input, expected: Expected, each: ReferenceCase) => void;

export type Reason = 'continuous mechanism' | 'subsampling' | 'fact';

/** A double as the decimal it is written as. */
export function exact(value: number): Rational {
  const [mantissa = '0', exponent = '0'] = value.toExponential(17).split('e');
  const ten = 10n ** BigInt(Math.abs(Number(exponent)));
  const digits = Rational.parseDecimal(mantissa);
  return Number(exponent) < 0 ? digits.dividedBy(Rational.of(ten)) : digits.times(Rational.of(ten));
}

const close = (each: ReferenceCase, actual: number): void => {
  ok(within(actual, each), `${each.id}: ${actual}, not ${each.expected}`);
};
const near = (actual: number, expected: number | undefined, relative: number): void => {
  const wanted = expected ?? Number.NaN;
  ok(Math.abs(actual - wanted) <= relative * Math.abs(wanted), `${actual}, not ${wanted}`);
};
const scalar =
  (value: (input: Input) => number): Answer =>
  (input, _, each) => {
    close(each, value(input));
  };

const mechanismOf = (m: Named): Mechanism =>
  m.type === 'laplace'
    ? laplaceLoss(m.b, 1)
    : m.type === 'gaussian'
      ? gaussianLoss(m.sigma, 1)
      : m.type === 'epsDelta'
        ? pairLoss(m.epsilon, m.delta)
        : discreteGaussianLoss(m.sigma2, m.sens);
const NOTHING = { b: 0, sigma: 0, sigma2: 0, sens: 0 };
const compose = (mechs: readonly Named[]): Composition =>
  new Composition(mechs.map((m) => ({ mechanism: mechanismOf(m), count: m.count ?? 1 })));
const many = (mechanism: Mechanism, count: number): Composition =>
  new Composition([{ mechanism, count }]);

/** The least x in (low, high) that holds, to 1e−6 of it. */
function least(low: number, high: number, holds: (x: number) => boolean): number {
  let [no, yes] = [low, high];
  while (yes - no > 1e-6 * yes) {
    const middle = (no + yes) / 2;
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

const lawVariance = ({ radius, mass }: Law): number =>
  mass.reduce((sum, p, i) => sum + p * (i - radius) ** 2, 0);
/** The smallest t with P(|X| ≥ t) ≤ alpha. */
const accuracy = ({ radius, mass }: Law, alpha: number): number => {
  let [tail, t] = [1, 0];
  while (tail > alpha) {
    tail -= t === 0 ? mass[radius]! : 2 * mass[radius + t]!;
    t += 1;
  }
  return t;
};
const refuses = (acts: readonly (() => unknown)[]): void => {
  for (const act of acts) throws(act, { name: 'Refusal' });
};

const ACCOUNTANTS: Record<string, Answer> = {
  'gaussian.delta': (input, expected, each) => {
    // No noise has no μ: everything is given away.
    if (input.sigma === 0) {
      throws(() => gaussianMu(0, 1));
      equal(gaussianDelta(1e6, input.epsilon), Number(expected));
    } else close(each, gaussianDelta(gaussianMu(input.sigma, input.l2), input.epsilon));
  },
  'gaussian.epsilon': scalar((i) => gaussianEpsilon(gaussianMu(i.sigma, i.l2), i.delta)),
  'gaussian.sigma': scalar((i) => gaussianSigma(i.epsilon, i.delta, i.l2)),
  'gaussian.epsilon.kfold': scalar((i) => gaussianEpsilon(gaussianMu(i.sigma, i.l2, i.k), i.delta)),
  'gaussian.truePositiveRate': scalar((i) => gaussianTruePositives(i.l2 / i.sigma, i.fpr)),
  'zcdp.delta': scalar((i) => zcdpDelta(i.rho, i.epsilon)),
  'zcdp.epsilon': scalar((i) => zcdpEpsilon(exact(i.rho), exact(i.delta))),
  'exponentialMechanism.toZcdp': scalar((i) => exponentialRho(exact(i.epsilon)).toNumber()),
  noiseScale: scalar((i) =>
    Math.sqrt(varianceFor(BigInt(i.d_in) ** 2n, exact(i.budget.rho)).toNumber()),
  ),
  'rdp.epsilon': ({ orders, rdp, delta }, expected) => {
    const { epsilon, order } = rdpEpsilon(orders, rdp, delta);
    ok(Math.abs(epsilon - expected.epsilon) < 1e-8);
    equal(order, expected.order);
  },
  'rdp.laplace': ({ b, orders }, expected) => {
    orders.forEach((order: number, i: number) => {
      near(rdpOfLaplace(b, order), expected[i], 1e-9);
    });
  },
  'rdp.randomizedResponse.replaceOne': ({ p_noise, buckets, orders }, expected) => {
    const truth = 1 - p_noise + p_noise / buckets;
    orders.forEach((order: number, i: number) => {
      near(rdpOfResponse(truth, buckets, order), expected[i], 1e-4);
    });
  },
  'compose.kovHomogeneous': (i, expected) => {
    const found = homogeneousEpsilon(i.epsilon, i.delta, i.k, i.totalDelta);
    equal(found ?? null, expected as number | null);
  },
  'compose.pureExact': scalar((i) => many(pairLoss(i.epsilon, 0), i.k).epsilonUp(i.delta)),
  'compose.basic': scalar((i) =>
    compose(
      i.list.map(([epsilon, delta]: [number, number]) => ({
        ...NOTHING,
        type: 'epsDelta',
        epsilon,
        delta,
      })),
    ).deltaUp(i.epsilon),
  ),
  'pld.epsilon': scalar((i) => compose(i.mechs).epsilonUp(i.delta)),
  'pld.smallestLaplaceNoise': scalar((i) =>
    least(1, 500, (b) => many(laplaceLoss(b, 1), i.k).deltaUp(i.epsilon) <= i.delta),
  ),
  'pld.smallestDiscreteLaplaceParameter': scalar(
    (i) =>
      1 /
      least(
        1,
        500,
        (s) => many(discreteLaplaceLoss(1 / s, i.sens), i.k).deltaUp(i.epsilon) <= i.delta,
      ),
  ),
  'pld.truePositiveRate': scalar((i) => compose(i.mechs).truePositivesUp(i.fpr)),
  'pmf.selfConvolve': ({ pmf, k }, expected) => {
    const one = new LatticeLoss(1, 0, Float64Array.from(pmf), 0);
    let all = one;
    for (let i = 1; i < k; i++) all = all.with(one);
    deepEqual(Array.from(all.mass), Array.from(expected));
  },
  'pld.compose.pessimisticTruncation': ({ pmf1, pmf2, tail }, expected) => {
    const [a, b] = [pmf1, pmf2].map(
      (p) => new LatticeLoss(1, p.lower, Float64Array.from(p.probs), p.inf),
    );
    const { lower, mass, infinite } = a!.with(b!, tail);
    equal(lower, expected.lower);
    mass.forEach((p, i) => ok(Math.abs(p - (expected.probs[i] ?? 1)) < 1e-9));
    ok(Math.abs(infinite - expected.inf) < 1e-9);
  },
};

const LAWS: Record<string, Answer> = {
  'discreteLaplace.variance': scalar((i) => laplaceVariance(i.a)),
  'discreteLaplace.pmf': scalar((i) => laplaceMass(i.a, i.n)),
  'discreteGaussian.variance': scalar((i) => lawVariance(gaussianLaw(i.sigma2))),
  'discreteGaussian.pmf': scalar((i) => gaussianMass(i.sigma2, i.n)),
  'discreteGaussian.delta': scalar((i) => deltaAt(i.sigma2, i.sens, i.epsilon)),
  'discreteGaussian.accuracy': (i, expected) => {
    const variance = 'sigma2' in i ? i.sigma2 : i.sigma ** 2;
    equal(accuracy(gaussianLaw(variance), i.alpha), Number(expected));
  },
  'discreteLaplace.accuracy': (i, expected) => {
    equal(laplaceAccuracy(i.a, i.alpha), expected);
  },
  'partition.keepProbability': scalar((i) => {
    const given = { epsilon: exact(i.epsilon), delta: exact(i.delta), l0: i.l0 };
    return Rational.of(new PartitionSelection(given).probability(i.n), FIXED_ONE).toNumber();
  }),
  'discreteLaplace.thresholdDelta': scalar((i) =>
    // Released where noisy > T, which is noisy ≥ T + 1.
    thresholdDelta({
      l0: i.l0,
      linf: i.linf,
      scale: Rational.ONE.dividedBy(exact(i.a)),
      threshold: i.threshold + 1,
    }).toNumber(),
  ),
  'discreteLaplace.threshold': (i, expected) => {
    const bounds = { l0: i.l0, linf: i.linf, scale: Rational.ONE.dividedBy(exact(i.a)) };
    equal(thresholdFor(bounds, exact(i.delta)).threshold, expected);
  },
  'exponentialMechanism.probabilities': (i, expected) => {
    exponentialProbabilities({
      scores: i.scores.map((x: number) => BigInt(x)),
      epsilon: exact(i.epsilon),
      sensitivity: BigInt(i.sens),
      monotone: i.monotonic,
    }).forEach((p, r) => {
      near(p, expected[r], 1e-9);
    });
  },
  'quantile.zcdp': scalar((i) => {
    const alpha = exact(i.alpha);
    const { sensitivity } = quantileScores(alpha, [0n], [0n]);
    const moved = Rational.of(sensitivity, alpha.denominator).times(Rational.of(i.d_in));
    return exponentialRho(moved.times(Rational.of(2)).dividedBy(exact(i.scale))).toNumber();
  }),
  'randomizedResponse.epsilon': scalar((i) =>
    responseEpsilon({ categories: i.categories, truth: exact(i.p) }).toNumber(),
  ),
  'twoSite.dlap.full': ({ a, sens }, expected) => {
    const both = twoLaplaceLaw(a);
    near(lawVariance(both), expected.variance, 1e-6);
    const scale = Rational.ONE.dividedBy(exact(a));
    equal(laplaceEpsilon(BigInt(sens), scale).toNumber(), expected.colludingEpsilon);
    near(lawDelta(both, sens, a / 2), expected.outsiderDeltaAtHalfEps, 1e-6);
    near(lawEpsilon(both, sens, 1e-6), expected.outsiderEpsAt1e6, 1e-6);
    equal(accuracy(both, 0.05), expected.halfWidth95);
  },
  'ddg.tau': (i, expected) => {
    // Charged, so rounded up: never below, and of the same order.
    const bound = tauUp(exact(i.shareSigma2), i.parties).toNumber();
    ok(bound >= expected * (1 - 1e-8) && bound <= 4 * expected);
  },
  'twoSite.dgauss': ({ shareSigma2, sens, epsilon }, expected) => {
    near(lawDelta(gaussianSharesLaw(shareSigma2, 2), sens, epsilon), expected.outsiderDelta, 1e-9);
    near(deltaAt(shareSigma2, sens, epsilon), expected.colludingDelta, 1e-9);
  },
  'sample.moments': ({ sigma2, n }, { mean, variance, meanTol, varTol }) => {
    const stream = seededBytes(new Secret('seed', new Uint8Array(32).fill(9)));
    const drawn = Array.from(drawVector(gaussianSampler(exact(sigma2), stream), n), Number);
    const m = drawn.reduce((sum, x) => sum + x, 0) / n;
    ok(Math.abs(m - mean) <= meanTol);
    ok(Math.abs(drawn.reduce((sum, x) => sum + (x - m) ** 2, 0) / n - variance) <= varTol);
  },
};

const GOVERNANCE: Record<string, Answer> = {
  'filter.pure': ({ budget, charges }, expected) => {
    const filter = new PureFilter(Rational.parseDecimal(budget));
    const answers = charges.map((x: string) =>
      filter.spend(Rational.parseDecimal(x)) ? 'accept' : 'reject',
    );
    deepEqual(answers, Array.from(expected as readonly unknown[]));
  },
  'filter.spend': ({ budget, charges }, expected) => {
    const filter = new PureFilter(exact(budget.epsilon), exact(budget.delta));
    const answers = charges.map(([epsilon, delta]: [number, number]) =>
      filter.spend(exact(epsilon), exact(delta)) ? 'accept' : 'reject',
    );
    deepEqual(answers, Array.from(expected as readonly unknown[]));
  },
  'filter.zcdp': ({ budgetRho, charges }, expected) => {
    const filter = new ZcdpFilter(Rational.parseDecimal(budgetRho));
    const answers = charges.map((x: string) =>
      filter.spend(Rational.parseDecimal(x)) ? 'accept' : 'reject',
    );
    deepEqual(answers, Array.from(expected as readonly unknown[]));
  },
  'ledger.concurrent': ({ budget, parallelRequests, cost }, expected) => {
    const filter = new PureFilter(Rational.parseDecimal(budget));
    const answers = Array.from({ length: parallelRequests }, () =>
      filter.spend(Rational.parseDecimal(cost)),
    );
    equal(answers.filter(Boolean).length, expected.accepted);
    equal(filter.epsilon.toString(), `${expected.spent}/1`);
  },
  'kaplanMeier.fromHistogram': ({ n, events, censored }, expected) => {
    let left = n;
    const atRisk = events.map((d: number, i: number) => {
      const here = left;
      left -= d + (censored[i] ?? 0);
      return here;
    });
    const exits = { noisedEvents: [], total: n, noise: [], atRiskNoise: [], known: events.length };
    let greenwood = 0;
    kaplanMeier({ ...exits, atRisk, events }).forEach((survival, i) => {
      near(survival, expected.S[i], 1e-9);
      greenwood += greenwoodTerm(atRisk[i] ?? 0, events[i] ?? 0);
      near(survival * Math.sqrt(greenwood), expected.greenwoodSE[i], 1e-9);
    });
  },
  'oddsRatio.noiseAwareCI': ({ table, noiseVarPerCell }, expected) => {
    const [odds] = ratiosOf({ rows: 2, columns: 2, values: table.flat(), noise: noiseVarPerCell });
    near(Math.log(odds?.value ?? 0), expected.logOR, 1e-8);
    near(odds?.interval?.[0] ?? 0, expected.ci[0], 1e-8);
    near(odds?.interval?.[1] ?? 0, expected.ci[1], 1e-8);
  },
  'sensitivity.regressionSSP': ({ p }, expected) => {
    const sums = regressionSums(Array<bigint>(p).fill(1n), 1n);
    equal(sums.pairs.length, expected.entries);
    equal(
      sums.squaredL2,
      sums.bounds.reduce((sum, b) => sum + b * b, 0n),
    );
  },
  'validate.integer sensitivity': ({ inputs }) => {
    for (const { sens: given } of inputs) {
      const sens = Number(given);
      refuses(
        [
          () => discreteLaplaceLoss(1, sens),
          () => deltaAt(4, sens, 1),
          () => laplaceScaleFor(BigInt(sens), Rational.ONE), // 0.5 is no bigint: RangeError
        ].slice(0, Number.isInteger(sens) ? 3 : 2),
      );
    }
  },
  'validate.threshold inputs': ({ inputs }) => {
    const good = { l0: 1, linf: 1, scale: Rational.of(2) };
    for (const given of inputs) {
      const [name = '', value = ''] = Object.entries(given)[0] ?? [];
      if (name === 'l0') refuses([() => thresholdFor({ ...good, l0: Number(value) }, exact(0.1))]);
      else if (name === 'delta') refuses([() => thresholdFor(good, exact(Number(value)))]);
      else if (name === 'threshold') {
        refuses([() => thresholdDelta({ ...good, threshold: Number(value) })]);
      } else if (Number.isFinite(Number(value))) {
        refuses([() => laplaceScaleFor(1n, exact(Number(value)))]);
      } else refuses([() => Rational.parseDecimal(String(value))]); // no fraction is infinite or NaN
    }
  },
  'validate.pld discretisation mismatch': ({ inputs }) => {
    for (const { h1, h2 } of inputs) {
      const [a, b] = [h1, h2].map((h: number) => new LatticeLoss(h, 0, Float64Array.of(1), 0));
      refuses([() => a!.with(b!)]);
    }
  },
  'validate.discrete gaussian scale': ({ inputs }) => {
    for (const { sigma2 } of inputs) {
      refuses([() => gaussianLaw(Number(sigma2)), () => discreteGaussianLoss(Number(sigma2), 1)]);
      const bytes = bytesOf((length) => new Uint8Array(length));
      if (Number.isFinite(Number(sigma2)))
        refuses([() => gaussianSampler(exact(Number(sigma2)), bytes)]);
    }
  },
  'validate.tail-bound inputs': ({ inputs }) => {
    for (const { scale = 1, tail = 1 } of inputs) {
      refuses([() => tailAtMost(exact(Number(scale)), Number(tail))]);
    }
  },
};

export const ANSWERS: Readonly<Record<string, Answer>> = {
  ...ACCOUNTANTS,
  ...LAWS,
  ...GOVERNANCE,
};

/** What is not computed here, and the one reason. */
export const OUT_OF_SCOPE: Readonly<Record<string, Reason>> = {
  'rdp.poissonSubsampledGaussian': 'subsampling',
  'amplification.poisson': 'subsampling',
  'pld.delta': 'subsampling',
  'p-ss-3': 'subsampling',
  'laplace.threshold': 'continuous mechanism',
  'laplace.thresholdDelta': 'continuous mechanism',
  'gaussian.threshold': 'continuous mechanism',
  'laplace.confidenceInterval': 'continuous mechanism',
  'gaussian.confidenceInterval': 'continuous mechanism',
  'gaussian.confidenceInterval.int': 'continuous mechanism',
  'laplace.granularity': 'continuous mechanism',
  // Half shares are refused: what a colluder learns from them is why (notes and accountant/shares.ts).
  'polyaShares.colludingEpsilon': 'fact',
  'negativeBinomial.pmf': 'fact',
  'sample.chiSquare': 'fact',
  'fact.timing': 'fact',
  'fact.precision': 'fact',
  'fact.2-party noise cost': 'fact',
};
