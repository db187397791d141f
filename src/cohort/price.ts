/** Price and expected error of a plan: public numbers in, public numbers out (rulings 14). @module */
import { noiseHalfWidth } from '../analysis/interval.ts';
import { Rational } from '../base/rational.ts';
import type { Plan } from './plan.ts';

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

export function price(plan: Plan): Price {
  const share = plan.rho.dividedBy(Rational.of(plan.measures.length));
  return {
    rho: plan.rho,
    perMeasure: plan.measures.map((measure) => ({ measure, rho: share })),
    delta: Rational.ZERO,
    expected: {
      byHolder: plan.split ? noiseHalfWidth(plan.variance, 1) : undefined,
      pooled: noiseHalfWidth(plan.variance, plan.holders.length),
    },
    cells: plan.cells,
    deadlineSeconds: plan.deadlineSeconds,
  };
}
