/**
 * What a linked aggregate computes and costs: a pure function of public numbers (rulings 14).
 *
 * Sensitivity  one person with all rows, at either holder. The checked mask lets a person take part in one
 *              pair at most, which stands in at most `cellsPerPerson` groups; its value of measure j moves
 *              each of these cells by at most bound_j. With variance σ_j² = C bound_j² / 2 rho_j the
 *              values cost Σ rho_j (Canonne, Kamath, Steinke 2020, theorem 4).
 * Cardinality  the sandbox sees the number of equal tokens: true ones plus dummies. (ε, delta) of their law is charged
 *              at both holders as well, as delta-approximate zCDP (rulings 16).
 * Not charged  what the sandbox learns together with a holder: which of that holder's rows matched. It has
 *              no finite epsilon: a disclosure by agreement (rulings 21), which the study has to say.
 * @module
 */
import type { Digest } from '../../base/hash.ts';
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import { rhoOfPure } from '../../dp/accountant/zcdp.ts';
import { tailAtMost, varianceFor } from '../../dp/mechanism/discrete-gaussian.ts';
import { type DummyLaw, dummyLaw } from '../../dp/mechanism/dummies.ts';
import { FIELD_PRIME } from '../../psi/tokens/prime-field.ts';

export type LinkedMeasure = {
  readonly name: string;
  /** A count is of people; a sum is of integers in [0, bound]. A count has bound 1. */
  readonly kind: 'count' | 'sum';
  readonly bound: bigint;
};

export type LinkedRequest = {
  readonly study: Digest;
  readonly queryKey: Digest;
  /** Who knows the groups of a person, A, and who knows the values, B. */
  readonly groupsHolder: string;
  readonly valuesHolder: string;
  /** The most people that either holder may have. */
  readonly declaredSize: number;
  readonly groups: readonly string[];
  /** Groups that one person may be in. */
  readonly cellsPerPerson: number;
  readonly measures: readonly LinkedMeasure[];
  /** For the values, shared equally by the measures. */
  readonly rho: Rational;
  /** For the cardinality that the sandbox sees. */
  readonly cardinality: { readonly epsilon: Rational; readonly delta: Rational };
  readonly minimumCell: number;
  /** From touching data to the first message that follows from it. */
  readonly deadlineSeconds: number;
};

export type PlannedMeasure = LinkedMeasure & {
  /** sigma squared of the discrete Gaussian that each holder adds to each of its cells. */
  readonly variance: Rational;
};

export type LinkedPlan = Omit<LinkedRequest, 'measures' | 'rho' | 'cardinality'> & {
  readonly measures: readonly PlannedMeasure[];
  readonly dummies: DummyLaw;
  /** Charged at both holders. */
  readonly rho: Rational;
  readonly delta: Rational;
  /** Rows of both padded lists. */
  readonly length: number;
};

/** Results of one run are below this many: the flooding of the answers is for them. */
export const MOST_CELLS = 1024;
const MOST_ROWS = 2 ** 22;
/** A cell wraps modulo t with probability below 2^-64. */
const TAIL_BITS = 64;

const inRange = (value: number, low: number, high: number): boolean =>
  Number.isSafeInteger(value) && value >= low && value <= high;

function checkRequest(request: LinkedRequest): void {
  const { declaredSize, groups, cellsPerPerson, measures, minimumCell } = request;
  const bad = 'INVALID_PARAMETER';
  check(request.groupsHolder !== request.valuesHolder, bad, 'one holder in both roles');
  check(inRange(declaredSize, 1, MOST_ROWS), bad, 'declared size');
  check(groups.length > 0 && new Set(groups).size === groups.length, bad, 'groups');
  check(measures.length > 0, bad, 'no measure');
  check(groups.length * measures.length <= MOST_CELLS, bad, 'number of cells');
  check(inRange(cellsPerPerson, 1, groups.length), bad, 'cells of a person');
  check(inRange(minimumCell, 0, declaredSize), bad, 'minimum cell');
  check(inRange(request.deadlineSeconds, 1, 2 ** 20), bad, 'deadline');
  check(request.rho.sign() > 0, bad, 'rho');
  for (const { kind, bound } of measures) {
    check(bound >= 1n && bound < 2n ** 32n, bad, 'bound of a measure');
    check(kind === 'sum' || bound === 1n, bad, 'bound of a count');
  }
}

/** Refuses with INVALID_PARAMETER, NOISE_RANGE, or PLAINTEXT_RANGE for sums that do not fit t. */
export function linkedPlan(request: LinkedRequest): LinkedPlan {
  checkRequest(request);
  const { measures: asked, rho, cardinality, ...rest } = request;
  const share = rho.dividedBy(Rational.of(asked.length));
  const measures = asked.map((measure) => {
    const squared = BigInt(request.cellsPerPerson) * measure.bound * measure.bound;
    const variance = varianceFor(squared, share);
    const tail = tailAtMost(variance.times(Rational.of(2)), TAIL_BITS);
    const largest = BigInt(request.declaredSize) * measure.bound + tail;
    check(2n * largest < BigInt(FIELD_PRIME), 'PLAINTEXT_RANGE', 'a sum beyond the plaintext');
    return { ...measure, variance };
  });
  const dummies = dummyLaw(cardinality.epsilon, cardinality.delta);
  return {
    ...rest,
    measures,
    dummies,
    rho: rho.plus(rhoOfPure(dummies.epsilon)),
    delta: dummies.delta,
    length: request.declaredSize + 2 * dummies.reach,
  };
}

export const cellsOf = ({ groups, measures }: LinkedPlan): number =>
  groups.length * measures.length;

/** What both holders must have compiled alike (rulings 10). */
export const linkedPlanDigest = (plan: LinkedPlan): Digest =>
  transcriptDigest('kakehashi/linked-plan/1', [
    plan.study,
    plan.queryKey,
    plan.groupsHolder,
    plan.valuesHolder,
    plan.declaredSize,
    plan.length,
    plan.cellsPerPerson,
    plan.minimumCell,
    plan.deadlineSeconds,
    plan.rho.toString(),
    plan.delta.toString(),
    plan.dummies.epsilon.toString(),
    plan.dummies.reach,
    plan.groups.length,
    ...plan.groups,
    ...plan.measures.flatMap(({ name, kind, bound, variance }) => [
      name,
      kind,
      bound.toString(),
      variance.toString(),
    ]),
  ]);
