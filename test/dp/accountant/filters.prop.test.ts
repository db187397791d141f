/**
 * Filters and odometer against a model in plain fractions, under random adaptive sequences; and never
 * below the loss distribution of the very same sequence.
 */
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { Composition } from '../../../src/dp/accountant/composition.ts';
import { PureFilter, RdpFilter, ZcdpFilter } from '../../../src/dp/accountant/filters.ts';
import { discreteGaussianLoss, pairLoss } from '../../../src/dp/accountant/loss-of.ts';
import { Odometer, wheneverEpsilonUp } from '../../../src/dp/accountant/odometer.ts';
import { RDP_ORDERS, rdpEpsilon, rdpOfPure, rdpOfRho } from '../../../src/dp/accountant/rdp.ts';
import { epsilonUp, rhoOfPure, zcdpEpsilon } from '../../../src/dp/accountant/zcdp.ts';
import { refusal } from '../../support/refusal.ts';

const invalid = refusal('INVALID_PARAMETER');

/** A release as an analyst may choose it after every answer: Gaussian noise, or a pure ε. */
type Release =
  | { readonly kind: 'gaussian'; readonly variance: number; readonly delta: number }
  | { readonly kind: 'pure'; readonly tenths: number; readonly delta: number };

const releases: fc.Arbitrary<Release[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('gaussian' as const),
      variance: fc.integer({ min: 1, max: 60 }),
      delta: fc.constantFrom(0, 0, 3),
    }),
    fc.record({
      kind: fc.constant('pure' as const),
      tenths: fc.integer({ min: 1, max: 15 }),
      delta: fc.constantFrom(0, 0, 2),
    }),
  ),
  { minLength: 1, maxLength: 25 },
);

const rhoOf = (release: Release): Rational =>
  release.kind === 'gaussian'
    ? Rational.of(1, 2 * release.variance)
    : rhoOfPure(Rational.of(release.tenths, 10));
const deltaOf = ({ delta }: Release): Rational => Rational.of(delta, 10 ** 8);
const sum = (values: readonly Rational[]): Rational =>
  values.reduce((total, value) => total.plus(value), Rational.ZERO);

/** The loss distribution of a sequence with parameters as they were chosen. */
const composed = (accepted: readonly Release[]): Composition =>
  new Composition(
    accepted.flatMap((release) => [
      release.kind === 'gaussian'
        ? { mechanism: discreteGaussianLoss(release.variance, 1), count: 1 }
        : { mechanism: pairLoss(release.tenths / 10, 0), count: 1 },
      ...(release.delta > 0
        ? [{ mechanism: pairLoss(1e-9, release.delta / 10 ** 8), count: 1 }]
        : []),
    ]),
    1 / 64,
  );

test('zCDP: accepts exactly what a model in fractions accepts, and never under-counts', () => {
  fc.assert(
    fc.property(releases, fc.integer({ min: 1, max: 12 }), (asked, quarters) => {
      const [limit, most] = [Rational.of(quarters, 4), Rational.of(1, 10 ** 7)];
      const filter = new ZcdpFilter(limit, most);
      const accepted: Release[] = [];
      for (const release of asked) {
        const fits =
          sum([...accepted, release].map(rhoOf)).atMost(limit) &&
          sum([...accepted, release].map(deltaOf)).atMost(most);
        equal(filter.spend(rhoOf(release), deltaOf(release)), fits);
        if (fits) accepted.push(release);
        ok(filter.rho.equals(sum(accepted.map(rhoOf))));
        ok(filter.delta.equals(sum(accepted.map(deltaOf))));
      }
      if (accepted.length === 0) return;
      const extra = Rational.of(1, 10 ** 6);
      const stated = Number(epsilonUp(filter.rho, extra));
      const delta = extra.plus(filter.delta).toNumber();
      ok(composed(accepted).epsilonUp(delta) <= stated * (1 + 1e-6) + 1e-4);
    }),
    { numRuns: 40 },
  );
});

test('Rényi: every sequence it accepts is (ε, δ) by its loss distribution; usable after a refusal', () => {
  const [epsilon, delta] = [Rational.of(3), Rational.of(1, 10 ** 5)];
  let refused = 0;
  fc.assert(
    fc.property(releases, (asked) => {
      const filter = new RdpFilter(epsilon, delta);
      const accepted: Release[] = [];
      for (const release of asked) {
        const curve =
          release.kind === 'gaussian'
            ? rdpOfRho(rhoOf(release))
            : rdpOfPure(Rational.of(release.tenths, 10));
        const before = filter.curve;
        if (filter.spend(curve, deltaOf(release))) accepted.push(release);
        else {
          refused += 1;
          deepEqual(filter.curve, before);
        }
      }
      if (accepted.length > 0) {
        ok(composed(accepted).epsilonUp(delta.toNumber()) <= epsilon.toNumber() * (1 + 1e-6));
      }
    }),
    { numRuns: 40 },
  );
  ok(refused > 0);
});

test('odometer: both columns as the model, never below the loss distribution, monotone', () => {
  fc.assert(
    fc.property(releases, (asked) => {
      const odometer = new Odometer();
      const delta = Rational.of(1, 10 ** 5);
      let last = 0;
      asked.forEach((release, i) => {
        const rho = rhoOf(release);
        odometer.add({ rho, delta: deltaOf(release), outsiderRho: rho.dividedBy(Rational.of(2)) });
        const { colluder, outsider } = odometer.read(delta);
        ok(colluder.rho.equals(sum(asked.slice(0, i + 1).map(rhoOf))));
        ok(outsider.rho.equals(colluder.rho.dividedBy(Rational.of(2))));
        ok(Number(outsider.epsilon) <= Number(colluder.epsilon));
        ok(Number(colluder.whenever) >= Number(colluder.epsilon));
        ok(Number(colluder.epsilon) >= last);
        last = Number(colluder.epsilon);
      });
      const exact = composed(asked);
      const { colluder } = odometer.read(delta);
      ok(exact.epsilonUp(delta.toNumber()) <= Number(colluder.epsilon) * (1 + 1e-6) + 1e-4);
      ok(exact.truePositivesUp(0.01) <= Number(colluder.truePositives) + 1e-4);
    }),
    { numRuns: 15 },
  );
});

test('control: half of every rho is under the loss distribution of the same sequence', () => {
  const asked: Release[] = Array.from({ length: 20 }, () => ({
    kind: 'gaussian',
    variance: 20,
    delta: 0,
  }));
  const half = sum(asked.map(rhoOf)).dividedBy(Rational.of(2));
  ok(composed(asked).epsilonUp(1e-6) > zcdpEpsilon(half, Rational.of(1, 10 ** 6)));
});

describe('exact amounts', () => {
  test('three charges of 1/10 fit into 3/10, a fourth of any size does not', () => {
    const tenth = Rational.of(1, 10);
    const filter = new PureFilter(Rational.of(3, 10));
    deepEqual(
      [1, 2, 3].map(() => filter.spend(tenth)),
      [true, true, true],
    );
    equal(filter.spend(Rational.of(1n, 10n ** 400n)), false);
  });
  test('fifty requests at once for ten places: ten', async () => {
    const filter = new ZcdpFilter(Rational.ONE);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        Promise.resolve().then(() => filter.spend(Rational.of(1, 10))),
      ),
    );
    equal(answers.filter(Boolean).length, 10);
    equal(filter.rho.toString(), '1/1');
  });
  test('a moment chosen by the answers: limits of 2^j thousandths, each with its part of delta', () => {
    const delta = Rational.of(1, 1000);
    for (const [spent, limit, parts] of [
      ['1/1000', '1/1000', 2],
      ['3/2000', '1/500', 6],
      ['7/1000', '1/125', 20],
    ] as const) {
      const own = epsilonUp(Rational.parse(limit), delta.dividedBy(Rational.of(parts)));
      equal(wheneverEpsilonUp(Rational.parse(spent), delta), own);
    }
  });
  test('Rényi: whichever order holds at the end, its limit is for half of delta over their number', () => {
    const [epsilon, delta] = [2, 1e-5];
    const accepts = (steps: number): boolean =>
      new RdpFilter(Rational.of(epsilon), Rational.of(1, 10 ** 5)).spend(
        rdpOfRho(Rational.of(steps, 10 ** 6)),
      );
    let [low, high] = [1, 10 ** 6];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (accepts(middle)) low = middle;
      else high = middle;
    }
    const orders = RDP_ORDERS.map((order) => order.toNumber());
    const told = (steps: number): number =>
      rdpEpsilon(
        orders,
        orders.map((order) => (order * steps) / 10 ** 6),
        delta / 2 / orders.length,
      ).epsilon;
    ok(told(low) <= epsilon && told(high) > epsilon - 1e-6, `${low}`);
  });
  test('an odometer of nothing has a limit of its own', () => {
    equal(wheneverEpsilonUp(Rational.ZERO, Rational.of(1, 10)) > '0', true);
  });
  test('refusals', () => {
    const [minus, zero, one] = [Rational.of(-1), Rational.ZERO, Rational.ONE];
    throws(() => new PureFilter(minus), invalid);
    throws(() => new ZcdpFilter(one, minus), invalid);
    throws(() => new RdpFilter(zero, Rational.of(1, 2)), invalid);
    throws(() => new RdpFilter(one, zero), invalid);
    throws(() => new RdpFilter(one, one), invalid);
    throws(() => new RdpFilter(one, Rational.of(1n, 10n ** 400n)), invalid);
    for (const filter of [new PureFilter(one), new ZcdpFilter(one)]) {
      throws(() => filter.spend(minus), invalid);
      throws(() => filter.spend(zero), invalid);
      throws(() => filter.spend(one, minus), invalid);
    }
    const renyi = new RdpFilter(one, Rational.of(1, 100));
    throws(() => renyi.spend([one]), invalid);
    throws(() => renyi.spend(RDP_ORDERS.map(() => minus)), invalid);
    const odometer = new Odometer();
    throws(() => {
      odometer.add({ rho: minus, delta: zero, outsiderRho: minus });
    }, invalid);
    throws(() => {
      odometer.add({ rho: one, delta: zero, outsiderRho: Rational.of(2) });
    }, invalid);
    throws(() => odometer.read(zero), invalid);
    throws(() => wheneverEpsilonUp(minus, one), invalid);
  });
});
