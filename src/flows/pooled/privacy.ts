/** What a release gives away, in the view of each adversary: pure functions of the plan. @module */
import { Rational } from '../../base/rational.ts';
import type { Block, Plan } from '../../cohort/plan.ts';
import { rhoAgainstAllOthers } from '../../cohort/price.ts';
import { outsiderRho } from '../../dp/accountant/shares.ts';
import { epsilonUp } from '../../dp/accountant/zcdp.ts';
import type { CompiledRun } from './compile-run.ts';

/** Privacy loss in one adversary's view, for reading: epsilon is rounded up. */
export type Loss = { readonly rho: string; readonly epsilon: string };

export type Privacy = {
  /** One person with all rows, at each holder. */
  readonly unit: 'person';
  /** Charged at every holder: the view of a coalition of the analyst and all holders but `honestHolders`. */
  readonly rho: string;
  readonly epsilon: string;
  readonly delta: string;
  readonly honestHolders: number;
  /**
   * Where a study counts on more than one honest holder: the view of all others together, who know
   * every share of noise but one (rulings 1). h times what is charged.
   */
  readonly allOthers?: Loss;
  /** The view of somebody who knows no holder's noise. */
  readonly outsider: Loss;
  /** Of a linked release. */
  readonly linked?: {
    /** In the charge: of the noised number of people in both, which the sandbox sees. */
    readonly cardinality: { readonly epsilon: string; readonly delta: string };
    /** What the sandbox and one holder learn together: no number stands for it (rulings 21). */
    readonly disclosed: string;
  };
};

/**
 * The outsider's rho of one block. Parts by holder are public one by one: there an outsider sees
 * what a colluding holder sees.
 */
function outsiderOf({ runs, sensitivity, rho }: Block, { split, holders }: Plan): Rational {
  if (split) return rho;
  const [first, ...others] = runs.map(({ variance }) => variance);
  if (first === undefined) return rho;
  const smallest = others.reduce((a, b) => (a.atMost(b) ? a : b), first);
  return outsiderRho({
    rho: Rational.of(sensitivity.squaredL2).dividedBy(first.times(Rational.of(2))),
    shares: holders.length,
    variance: smallest,
    touchedCells: sensitivity.l0,
  });
}

function linkedPrivacy({ link, holders }: Plan): Pick<Privacy, 'linked'> {
  if (link === undefined) return {};
  const { epsilon, delta } = link.dummies;
  const coalitions = holders.map((holder) => `{sandbox, ${holder}}`);
  return {
    linked: {
      cardinality: { epsilon: epsilon.toString(), delta: delta.toString() },
      disclosed: `membership disclosed to ${coalitions.join(' and to ')}`,
    },
  };
}

/** From public numbers only: the same before a run and after it. */
export function privacyOf({ plan, delta }: Pick<CompiledRun, 'plan' | 'delta'>): Privacy {
  const { rho, honestHolders } = plan;
  const outsider = plan.blocks
    .map((block) => outsiderOf(block, plan))
    .reduce((sum, own) => sum.plus(own), Rational.ZERO);
  const worst = rhoAgainstAllOthers(plan);
  return {
    unit: 'person',
    rho: rho.toString(),
    epsilon: epsilonUp(rho, delta),
    delta: delta.plus(plan.link?.dummies.delta ?? Rational.ZERO).toString(),
    honestHolders,
    ...(worst !== undefined && {
      allOthers: { rho: worst.toString(), epsilon: epsilonUp(worst, delta) },
    }),
    outsider: { rho: outsider.toString(), epsilon: epsilonUp(outsider, delta) },
    ...linkedPrivacy(plan),
  };
}
