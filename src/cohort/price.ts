/** Price and expected error of a plan: public numbers in, public numbers out (rulings 14). @module */
import { Rational } from '../base/rational.ts';
import { integerRoot } from '../dp/sampler/laplace-scale.ts';
import type { Plan } from './plan.ts';

/** The 97.5 % point of the normal law, 1.959963984540054..., rounded up. */
const Z95_UP = Rational.of(1_959_963_985n, 10n ** 9n);

export type Price = {
  /** Charged at every holder, in total. */
  readonly rho: Rational;
  /** `rho` split equally. */
  readonly perMeasure: readonly { readonly measure: string; readonly rho: Rational }[];
  /** No truncation and no threshold is used, so none is charged. */
  readonly delta: Rational;
  readonly expected: {
    /** 95 % half width of the noise of a cell by holder; undefined where none is released. */
    readonly byHolder: number | undefined;
    /** The same of a pooled cell: the noise of all holders together. */
    readonly pooled: number;
  };
  readonly cells: number;
  readonly deadlineSeconds: number;
};

/** The smallest integer h with h + 1/2 ≥ z·√variance: counts are integers, hence the half. */
export function noiseHalfWidth(variance: Rational): number {
  const square = Z95_UP.times(Z95_UP).times(Rational.of(4)).times(variance).ceil();
  const root = integerRoot(square);
  const up = root * root === square ? root : root + 1n;
  return Number(up / 2n);
}

export function price(plan: Plan): Price {
  const share = plan.rho.dividedBy(Rational.of(plan.measures.length));
  return {
    rho: plan.rho,
    perMeasure: plan.measures.map((measure) => ({ measure, rho: share })),
    delta: Rational.ZERO,
    expected: {
      byHolder: plan.split ? noiseHalfWidth(plan.variance) : undefined,
      pooled: noiseHalfWidth(plan.variance.times(Rational.of(plan.holders.length))),
    },
    cells: plan.cells,
    deadlineSeconds: plan.deadlineSeconds,
  };
}
