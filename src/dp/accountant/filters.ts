/**
 * Adaptive filters: what may be spent is fixed beforehand, what is asked next may depend on every
 * answer so far.
 *
 * Papers    sums of pure ε: Rogers, Roth, Ullman, Vadhan, NeurIPS 2016 (arXiv 1605.08294). Sums of rho,
 *           and of Rényi divergences of one order: Feldman, Zrnic, NeurIPS 2021 (arXiv 2008.11193);
 *           Whitehouse, Ramdas, Rogers, Wu, ICML 2023 (arXiv 2203.05481). Deltas add up beside them.
 * Several   at many orders a filter goes on while some order is within its limit. Which one that is
 * orders    depends on the answers, so each limit is computed for δ/m, m the number of orders: split
 *           the transcripts by the first order that holds at the end. On each part the run is that of
 *           the filter of this order alone, whose (ε, δ/m) bounds its probability; the parts add up.
 * Refusal   costs nothing and ends nothing: a smaller request may still fit.
 * Not here  a composed loss distribution or a trade-off curve: they are no valid stopping rules.
 * Exact     fractions: three charges of 1/10 fit into 3/10 and leave 0/1.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { RDP_ORDERS, type RdpCurve } from './rdp.ts';

function checkCharge(...amounts: readonly Rational[]): void {
  check(
    amounts.every((amount) => amount.sign() >= 0),
    'INVALID_PARAMETER',
    'a charge is negative',
  );
  check(
    amounts.some((amount) => amount.sign() > 0),
    'INVALID_PARAMETER',
    'a charge of nothing',
  );
}

function checkLimit(...amounts: readonly Rational[]): void {
  check(
    amounts.every((amount) => amount.sign() >= 0),
    'INVALID_PARAMETER',
    'a limit is negative',
  );
}

type Sums = readonly [Rational, Rational];

/** Both sums after a charge; undefined where one of the limits does not cover it. */
function charged(sums: Sums, charge: Sums, limits: Sums): Sums | undefined {
  checkCharge(...charge);
  const after: Sums = [sums[0].plus(charge[0]), sums[1].plus(charge[1])];
  return after[0].atMost(limits[0]) && after[1].atMost(limits[1]) ? after : undefined;
}

/** Σε ≤ E and Σδ ≤ D, by basic composition; D = 0 is pure DP. */
export class PureFilter {
  readonly #limits: Sums;
  epsilon = Rational.ZERO;
  delta = Rational.ZERO;

  constructor(epsilon: Rational, delta = Rational.ZERO) {
    checkLimit(epsilon, delta);
    this.#limits = [epsilon, delta];
  }

  /** True and spent, or false and nothing changed. */
  spend(epsilon: Rational, delta = Rational.ZERO): boolean {
    const after = charged([this.epsilon, this.delta], [epsilon, delta], this.#limits);
    if (after !== undefined) [this.epsilon, this.delta] = after;
    return after !== undefined;
  }
}

/** Approximate zCDP: Σrho ≤ R and Σdelta ≤ D (rulings 16), the filter of a holder's ledger. */
export class ZcdpFilter {
  readonly #limits: Sums;
  rho = Rational.ZERO;
  delta = Rational.ZERO;

  constructor(rho: Rational, delta = Rational.ZERO) {
    checkLimit(rho, delta);
    this.#limits = [rho, delta];
  }

  /** True and spent, or false and nothing changed. */
  spend(rho: Rational, delta = Rational.ZERO): boolean {
    const after = charged([this.rho, this.delta], [rho, delta], this.#limits);
    if (after !== undefined) [this.rho, this.delta] = after;
    return after !== undefined;
  }
}

/** Digits of a limit at an order; rounded down. */
const GRID = 10 ** 9;

/** The largest ε_α at order α that still means (ε, δ), rounded down; may be negative. */
function limitAt(order: Rational, epsilon: Rational, delta: number): Rational {
  const a = order.toNumber();
  const slack = Math.log1p(-1 / a) - (Math.log(delta) + Math.log(a)) / (a - 1);
  return epsilon.minus(Rational.of(BigInt(Math.ceil(slack * GRID) + 1), BigInt(GRID)));
}

/** Rényi DP at the orders of RDP_ORDERS, for a limit of (ε, δ). */
export class RdpFilter {
  readonly #limits: readonly Rational[];
  readonly #delta: Rational;
  curve: RdpCurve = RDP_ORDERS.map(() => Rational.ZERO);
  delta = Rational.ZERO;

  /** Of `delta`, one half is for the conversion and one half for the deltas of charges. */
  constructor(epsilon: Rational, delta: Rational) {
    const proper = delta.sign() > 0 && delta.compare(Rational.ONE) < 0 && epsilon.sign() > 0;
    check(proper, 'INVALID_PARAMETER', 'limit of a filter');
    const half = delta.dividedBy(Rational.of(2));
    const each = half.dividedBy(Rational.of(RDP_ORDERS.length)).toNumber() * (1 - 1e-12);
    check(each > 0, 'INVALID_PARAMETER', 'delta is below a double');
    this.#limits = RDP_ORDERS.map((order) => limitAt(order, epsilon, each));
    this.#delta = half;
  }

  /** True and spent, or false and nothing changed. */
  spend(curve: RdpCurve, delta = Rational.ZERO): boolean {
    check(curve.length === RDP_ORDERS.length, 'INVALID_PARAMETER', 'curve of other orders');
    checkCharge(...curve, delta);
    const after = this.curve.map((value, i) => value.plus(curve[i] ?? Rational.ZERO));
    const total = this.delta.plus(delta);
    const holds = after.some((value, i) => value.atMost(this.#limits[i] ?? Rational.of(-1)));
    if (!holds || !total.atMost(this.#delta)) return false;
    [this.curve, this.delta] = [after, total];
    return true;
  }
}
