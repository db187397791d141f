/**
 * Rényi DP at fixed orders: curves of mechanisms, their sum, and what it means as (ε, δ).
 *
 * Papers  Mironov, CSF 2017 (arXiv 1702.07476): the notion, Laplace and randomised response; Canonne,
 *         Kamath, Steinke 2020 (arXiv 2004.00010), proposition 12, and Asoodeh et al. 2020: ε = ε_α +
 *         ln((α − 1)/α) − (ln δ + ln α)/(α − 1), least over the orders.
 * Exact   a curve is a fraction at each order, since it may be charged; those of Laplace noise and of
 *         randomised response are doubles, for display.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { rhoOfPure } from './zcdp.ts';

/** Orders from nearly pure to nearly Kullback and Leibler. */
export const RDP_ORDERS: readonly Rational[] = [
  ...[Rational.of(5, 4), Rational.of(3, 2), Rational.of(7, 4)],
  ...[2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 128, 256, 512].map((n) => Rational.of(n)),
];

/** ε_α at every order of RDP_ORDERS. */
export type RdpCurve = readonly Rational[];

/** rho-zCDP: α·rho. */
export function rdpOfRho(rho: Rational): RdpCurve {
  check(rho.sign() >= 0, 'INVALID_PARAMETER', 'rho is negative');
  return RDP_ORDERS.map((order) => order.times(rho));
}

/** Pure ε: at most ε at every order, and α·ε·tanh(ε/2). */
export function rdpOfPure(epsilon: Rational): RdpCurve {
  const rho = rhoOfPure(epsilon);
  return RDP_ORDERS.map((order) => {
    const bound = order.times(rho);
    return bound.atMost(epsilon) ? bound : epsilon;
  });
}

export function rdpSum(a: RdpCurve, b: RdpCurve): RdpCurve {
  check(a.length === b.length, 'INVALID_PARAMETER', 'curves of different orders');
  return a.map((value, i) => value.plus(b[i] ?? Rational.ZERO));
}

/** The least ε at δ over the orders, and the order that gives it. In doubles, for display. */
export function rdpEpsilon(
  orders: readonly number[],
  curve: readonly number[],
  delta: number,
): { readonly epsilon: number; readonly order: number } {
  check(delta > 0 && delta < 1, 'INVALID_PARAMETER', 'delta');
  const fits = orders.length === curve.length && orders.length > 0;
  check(fits, 'INVALID_PARAMETER', 'orders and curve');
  let best = { epsilon: Number.POSITIVE_INFINITY, order: 0 };
  orders.forEach((order, i) => {
    const value = curve[i] ?? Number.NaN;
    check(order > 1 && value >= 0, 'INVALID_PARAMETER', 'order or value of a curve');
    const epsilon =
      value + Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1);
    if (epsilon < best.epsilon) best = { epsilon, order };
  });
  return { ...best, epsilon: Math.max(0, best.epsilon) };
}

/** ln(Σ e^(x_i)). */
function logSum(...terms: number[]): number {
  const peak = Math.max(...terms);
  return peak + Math.log(terms.reduce((sum, x) => sum + Math.exp(x - peak), 0));
}

/** Continuous Laplace noise of scale b, sensitivity 1 (Mironov 2017, proposition 6). */
export function rdpOfLaplace(scale: number, order: number): number {
  check(scale > 0 && order > 1, 'INVALID_PARAMETER', 'scale or order');
  const ends = [
    Math.log(order / (2 * order - 1)) + (order - 1) / scale,
    Math.log((order - 1) / (2 * order - 1)) - order / scale,
  ];
  return logSum(...ends) / (order - 1);
}

/** k-ary randomised response, one answer replaced by another; `truth` is P(true answer). */
export function rdpOfResponse(truth: number, categories: number, order: number): number {
  const proper = truth > 1 / categories && truth < 1 && categories >= 2 && order > 1;
  check(proper, 'INVALID_PARAMETER', 'randomised response or order');
  const [p, q] = [Math.log(truth), Math.log((1 - truth) / (categories - 1))];
  const terms = [order * p + (1 - order) * q, order * q + (1 - order) * p];
  if (categories > 2) terms.push(Math.log(categories - 2) + q);
  return logSum(...terms) / (order - 1);
}
