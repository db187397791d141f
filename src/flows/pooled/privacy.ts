/** What a release gives away, in the view of each adversary: pure functions of the plan. @module */
import { Rational } from '../../base/rational.ts';
import type { Disclosure } from '../../cohort/linked/disclosure.ts';
import { movements, smoothMoves } from '../../cohort/movements.ts';
import type { Block, Plan } from '../../cohort/plan.ts';
import { deltaOf, rhoAgainstAllOthers } from '../../cohort/price.ts';
import { attackerPercent } from '../../dp/accountant/attacker.ts';
import { SMOOTH_VARIANCE } from '../../dp/mechanism/gaussian-law.ts';
import { outsiderRho } from '../../dp/accountant/shares.ts';
import { smoothView } from '../../dp/accountant/smooth-view.ts';
import { MOST_SHARES, type View, viewOf, WIDEST_VARIANCE } from '../../dp/accountant/view.ts';
import { decimalUp, epsilonUp } from '../../dp/accountant/zcdp.ts';
import type { CompiledRun } from './compile-run.ts';

/** Privacy loss in one adversary's view, for reading: rounded up. */
export type Loss = {
  readonly rho: string;
  readonly epsilon: string;
  /**
   * Of 100 people who are in the data, this adversary finds so many at most when it may accuse one in a
   * hundred of those who are not.
   */
  readonly attacker: string;
};

/**
 * `exact`: by the law of the noise itself, of sums that a person moves by any of many amounts up to Σ |s|/σ² in epsilon
 * (dp/accountant/smooth-view.ts). `bound`: by rho, where shares have variances below 4 or hide nothing anyway.
 */
export type OutsiderLoss = Loss & { readonly law: 'exact' | 'bound' };

export type Privacy = {
  /** One person with all rows, at each holder. */
  readonly unit: 'person';
  /** Charged at every holder: the view of a coalition of the analyst and all holders but `honestHolders`. */
  readonly rho: string;
  readonly epsilon: string;
  readonly attacker: string;
  readonly delta: string;
  readonly honestHolders: number;
  /**
   * Where a study counts on more than one honest holder: the view of all others together, who know
   * every share of noise but one (rulings 1). h times what is charged.
   */
  readonly allOthers?: Loss;
  /** The view of somebody who knows no holder's noise. */
  readonly outsider: OutsiderLoss;
  /** Of a linked release. */
  readonly linked?: {
    /** In the charge: of the noised number of people in both, which the sandbox sees. */
    readonly cardinality: { readonly epsilon: string; readonly delta: string };
    /** What the sandbox and one holder learn together: no number stands for it (rulings 21). */
    readonly disclosed: string;
    /** What both holders are told besides, where the released count is not below the minimum. */
    readonly output?: string;
  };
};

/**
 * The outsider's rho of one block. Parts by holder are public one by one: there an outsider sees
 * what a colluding holder sees.
 */
function outsiderOf(
  { runs, sensitivity, rho }: Block,
  { split, holders, honestHolders }: Plan,
): Rational {
  if (split) return rho;
  const [first, ...others] = runs.map(({ variance }) => variance);
  if (first === undefined) return rho;
  const smallest = others.reduce((a, b) => (a.atMost(b) ? a : b), first);
  return outsiderRho({
    rho: rho.times(Rational.of(honestHolders)),
    shares: holders.length,
    variance: smallest,
    touchedCells: sensitivity.l0,
  });
}

/** Of a whole release. What is charged beside the sums, for linking, is seen in full. */
function outsiderTotal(plan: Plan): Rational {
  const { blocks, rho } = plan;
  const sums = blocks.reduce((sum, block) => sum.plus(block.rho), Rational.ZERO);
  return blocks.reduce((sum, block) => sum.plus(outsiderOf(block, plan)), rho.minus(sums));
}

const FALSE_POSITIVES = 0.01;
const HUNDRED = 100;

type Known = Pick<CompiledRun, 'plan' | 'delta'>;

/** Above this total nothing is hidden anyway, and epsilon leaves the range in which laws are tabled. */
const TABLED_RHO = Rational.of(32);

/** The worst of all ways to move the vector, for a reader who does not know so many shares of noise. */
function exactView({ plan, delta }: Known, shares: number): View | undefined {
  const tabled = plan.rho.times(Rational.of(plan.honestHolders)).atMost(TABLED_RHO);
  if (plan.inside !== undefined || !tabled || shares > MOST_SHARES) return undefined;
  const reader = { shares, delta: delta.toNumber(), falsePositives: FALSE_POSITIVES };
  const ways = movements(plan);
  const told = ways?.every((way) => way.every(({ variance }) => variance <= WIDEST_VARIANCE));
  if (ways === undefined || told !== true) {
    const moves = smoothMoves(plan);
    const isSmooth = moves !== undefined && moves.leastVariance >= SMOOTH_VARIANCE;
    return isSmooth ? smoothView(moves, reader) : undefined;
  }
  return ways
    .map((way) => viewOf(way, reader))
    .reduce((a, b) => ({
      epsilon: Math.max(a.epsilon, b.epsilon),
      found: Math.max(a.found, b.found),
    }));
}

/** Both are upper bounds: the smaller one. What is charged a delta beside rho has no exact view. */
const attackerOf = (rho: Rational, delta: Rational, exact: View | undefined): string => {
  const bound = attackerPercent(rho, delta, FALSE_POSITIVES);
  if (exact === undefined) return bound;
  const percent = (Math.ceil(exact.found * HUNDRED * 10) / 10).toFixed(1);
  return Number(percent) < Number(bound) ? percent : bound;
};

/**
 * The sandbox knows no noise either, and of a linked query sees the noised cardinality: its rho and its (ε, δ) are
 * added to those of the sums (basic composition).
 */
function outsiderLoss(run: Known): OutsiderLoss {
  const { plan, delta } = run;
  const { link, split, holders } = plan;
  const rho = outsiderTotal(plan);
  const exact = exactView(run, split ? 1 : holders.length);
  const bound = epsilonUp(rho, delta);
  const linking = link?.dummies.epsilon.toNumber() ?? 0;
  const told = exact !== undefined && Number.isFinite(exact.epsilon);
  const epsilon = told ? decimalUp(exact.epsilon + linking) : bound;
  const isCloser = Number(epsilon) < Number(bound);
  return {
    rho: rho.toString(),
    epsilon: isCloser ? epsilon : bound,
    attacker: attackerOf(rho, deltaOf(plan), link === undefined ? exact : undefined),
    law: isCloser ? 'exact' : 'bound',
  };
}

const TOLD = {
  set: 'who is in both, to both holders',
  cardinality: 'the exact number in both, to both holders',
  ids: 'common ids of all people, to both holders',
} as const;

const toldWords = (disclose: Disclosure | undefined): string =>
  disclose === undefined ? '' : `; by agreement ${TOLD[disclose.output]}`;

function linkedPrivacy({ link, holders }: Plan): Pick<Privacy, 'linked'> {
  if (link === undefined) return {};
  const { dummies, disclose } = link;
  const { epsilon, delta } = dummies;
  const coalitions = holders.map((holder) => `{sandbox, ${holder}}`);
  return {
    linked: {
      cardinality: { epsilon: epsilon.toString(), delta: delta.toString() },
      disclosed: `membership disclosed to ${coalitions.join(' and to ')}${toldWords(disclose)}`,
      ...(disclose !== undefined && { output: disclose.output }),
    },
  };
}

/** From public numbers only: the same before a run and after it. */
export function privacyOf(run: Known): Privacy {
  const { plan, delta } = run;
  const { rho, honestHolders, split, link } = plan;
  const worst = rhoAgainstAllOthers(plan);
  return {
    unit: 'person',
    rho: rho.toString(),
    epsilon: epsilonUp(rho, delta),
    // Of a linked release rho has more in it than the noise of its sums.
    attacker: attackerOf(
      rho,
      deltaOf(plan),
      link === undefined ? exactView(run, split ? 1 : honestHolders) : undefined,
    ),
    delta: delta.plus(deltaOf(plan)).toString(),
    honestHolders,
    ...(worst !== undefined && {
      allOthers: {
        rho: worst.toString(),
        epsilon: epsilonUp(worst, delta),
        attacker: attackerOf(worst, deltaOf(plan), exactView(run, 1)),
      },
    }),
    outsider: outsiderLoss(run),
    ...linkedPrivacy(plan),
  };
}
