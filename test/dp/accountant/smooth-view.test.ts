/**
 * The closed form against sums over all outcomes: never below, and close. Control: without its correction it is
 * below for some noise.
 */
import { ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { gaussianDelta, gaussianEpsilon } from '../../../src/dp/accountant/gaussian-dp.ts';
import { type SmoothMoves, smoothView } from '../../../src/dp/accountant/smooth-view.ts';
import { gaussianMass } from '../../../src/dp/mechanism/gaussian-law.ts';
import { refusal } from '../../support/refusal.ts';

type Sum = { readonly variance: number; readonly shift: number };
const READER = { shares: 1, delta: 1e-4, falsePositives: 0.01 };

/** Every loss with its probability, of independent sums. */
function losses(sums: readonly Sum[]): { loss: number; p: number }[] {
  let all = [{ loss: 0, p: 1 }];
  for (const { variance, shift } of sums) {
    if (shift === 0) continue;
    const reach = Math.ceil(7 * Math.sqrt(variance));
    const own = Array.from({ length: 2 * reach + 1 }, (_, i) => ({
      loss: (shift * (2 * (i - reach) + shift)) / (2 * variance),
      p: gaussianMass(variance, i - reach),
    }));
    all = all.flatMap((a) => own.map((b) => ({ loss: a.loss + b.loss, p: a.p * b.p })));
  }
  return all;
}

const deltaOf = (all: readonly { loss: number; p: number }[], epsilon: number): number =>
  all.reduce((sum, { loss, p }) => sum - p * Math.min(0, Math.expm1(epsilon - loss)), 0);

/** What the best test finds at a rate of accusations: outcomes by likelihood, a lot drawn at the last. */
function foundOf(all: readonly { loss: number; p: number }[], rate: number): number {
  let [accused, found] = [0, 0];
  for (const { loss, p } of [...all].sort((a, b) => b.loss - a.loss)) {
    const innocent = p * Math.exp(-loss);
    if (accused + innocent > rate) return found + (p * (rate - accused)) / innocent;
    accused += innocent;
    found += p;
  }
  return found;
}

const movesOf = (sums: readonly Sum[]): SmoothMoves => ({
  muSquared: sums.reduce((all, { shift, variance }) => all + (shift * shift) / variance, 0),
  slope: sums.reduce((all, { shift, variance }) => all + shift / variance, 0),
  leastVariance: Math.min(...sums.map(({ variance }) => variance)),
});

/** A row of moments of width D at a = x − L: noise as the plan has it, σ² = D²/2ρ. */
const row = (width: number, a: number, rho: number): Sum[] => {
  const variance = (width * width) / (2 * rho);
  return [
    { variance, shift: a },
    { variance, shift: width - a },
    { variance: (variance * width * width) / 8, shift: a * (width - a) },
  ];
};

describe('several sums moved by different amounts', () => {
  for (const [width, rho] of [
    [4, 1],
    [3, 0.5],
  ] as const) {
    test(`a row of width ${width} at rho ${rho}: every value, never below, close`, () => {
      const claimed = smoothView(
        {
          muSquared: 2 * rho,
          slope: ((width + 2) * 2 * rho) / (width * width),
          leastVariance: 4,
        },
        READER,
      );
      let [worst, most] = [0, 0];
      for (let a = 0; a <= width / 2; a++) {
        const all = losses(row(width, a, rho));
        worst = Math.max(worst, deltaOf(all, claimed.epsilon));
        most = Math.max(most, foundOf(all, READER.falsePositives));
        const own = smoothView(movesOf(row(width, a, rho)), READER);
        ok(deltaOf(all, own.epsilon) <= READER.delta);
        ok(own.epsilon <= claimed.epsilon * (1 + 1e-9));
      }
      ok(worst <= READER.delta, `${worst}`);
      ok(most <= claimed.found);
      // The worst value is at a bound, and what is claimed is above it by the correction at most.
      const edge = losses(row(width, 0, rho));
      const correction = ((width + 2) * 2 * rho) / (width * width);
      ok(deltaOf(edge, claimed.epsilon - 2 * correction) > READER.delta);
    });
  }

  test('one sum, over many kinds of noise', () => {
    for (const variance of [4, 4.7, 9, 33.3, 120]) {
      for (const shift of [1, 2, 3, 7, 20]) {
        const all = losses([{ variance, shift }]);
        const { epsilon, found } = smoothView(movesOf([{ variance, shift }]), READER);
        ok(deltaOf(all, epsilon) <= READER.delta, `${variance} ${shift}`);
        ok(foundOf(all, READER.falsePositives) <= found, `${variance} ${shift}`);
      }
    }
  });

  test('control: the curve of continuous noise alone is below', () => {
    const below = [4, 4.7, 9].flatMap((variance) =>
      [1, 2, 3, 7].filter((shift) => {
        const mu = shift / Math.sqrt(variance);
        const all = losses([{ variance, shift }]);
        return [0.25, 0.5, 1, 2, 3, gaussianEpsilon(mu, READER.delta)].some(
          (epsilon) => deltaOf(all, epsilon) > gaussianDelta(mu, epsilon) * (1 + 1e-6),
        );
      }),
    );
    ok(below.length > 0);
  });

  test('refused: noise below the range of the proof', () => {
    const invalid = refusal('INVALID_PARAMETER');
    const moves = { muSquared: 1, slope: 1, leastVariance: 4 };
    throws(() => smoothView({ ...moves, leastVariance: 3.9 }, READER), invalid);
    throws(() => smoothView({ ...moves, muSquared: 0 }, READER), invalid);
    throws(() => smoothView(moves, { ...READER, shares: 0 }), invalid);
    throws(() => smoothView(moves, { ...READER, delta: 0 }), invalid);
  });
});
