/** Choices of one holder on its own data: laws against enumeration, sensitivity by brute force, refusals. */
import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { Secret } from '../../../src/base/secret.ts';
import { exponentialEpsilon, pureEpsilon } from '../../../src/dp/accountant/epsilon-for.ts';
import { rhoOfPure } from '../../../src/dp/accountant/zcdp.ts';
import { privateQuantile, quantileReach } from '../../../src/dp/mechanism/answer-quantile.ts';
import { chooseLevel } from '../../../src/dp/mechanism/level-choice.ts';
import { exponentialRho } from '../../../src/dp/mechanism/selection.ts';
import { topCandidates, topReach } from '../../../src/dp/mechanism/top-candidates.ts';
import { winsorFence, winsorisedSum } from '../../../src/dp/mechanism/winsorised-mean.ts';
import { expNegative, expNegativeFine } from '../../../src/dp/exponential.ts';
import { seededBytes } from '../../../src/dp/sampler/byte-source.ts';
import { refusal } from '../../support/refusal.ts';
import { rejects } from '../chi-square.ts';

const bytesFor = (label: number) => seededBytes(new Secret('seed', new Uint8Array(32).fill(label)));
const ONE = Rational.ONE;
const DRAWS = 4000;

/** d(x) as the header of answer-quantile.ts has it, candidate by candidate. */
function distances(answers: readonly number[], min: number, max: number, rank: number): number[] {
  return Array.from({ length: max - min + 1 }, (_, i) => {
    const x = min + i;
    const below = answers.filter((answer) => answer < x).length;
    const equal = answers.filter((answer) => answer === x).length;
    return Math.max(0, below - rank, rank - below - equal);
  });
}

function quantileLaw(
  answers: readonly number[],
  min: number,
  max: number,
  rank: number,
  e: number,
) {
  const weights = distances(answers, min, max, rank).map((d) => Math.exp((-e * d) / 2));
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

function counted(draws: number, size: number, draw: () => number): number[] {
  const counts = Array.from({ length: size }, () => 0);
  for (let i = 0; i < draws; i++) {
    const at = draw();
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

/** Whether outcomes that were counted have this law, at alpha = 1e-6. */
const fits = (counts: readonly number[], mass: readonly number[]): boolean =>
  !rejects(
    counts.flatMap((count, outcome) => Array.from({ length: count }, () => outcome)),
    { radius: 0, mass: Float64Array.from(mass) },
  );

describe('e^-x as finely as asked', () => {
  test('agrees with the fixed point that everything else uses, and narrows', () => {
    for (const x of [Rational.of(1, 7), ONE, Rational.of(19, 3), Rational.of(150)]) {
      const [coarse, fine] = [expNegative(x), expNegativeFine(x, 256n)];
      ok(fine.low <= coarse.high && coarse.low <= fine.high);
      const finer = expNegativeFine(x, 1024n);
      ok(finer.high - finer.low < 1n << 24n);
      ok(finer.low >> 768n <= coarse.high && finer.high >> 768n >= coarse.low);
    }
  });
});

describe('a level', () => {
  test('chosen by its law, empty levels never', () => {
    const counts = [3n, 0n, 40n, 7n];
    const weights = counts.map((n, d) => Number(n) * Math.exp(-0.75 * d));
    const total = weights.reduce((sum, w) => sum + w, 0);
    const bytes = bytesFor(1);
    const found = counted(DRAWS, 4, () => chooseLevel(counts, Rational.of(3, 4), bytes));
    const law = weights.map((w) => w / total);
    ok(fits(found, law));
    // The control: levels that weigh a tenth less each.
    const other = [3, 0, 40 * 0.81, 7 * 0.729].map((n, d) => n * Math.exp(-0.75 * d));
    const all = other.reduce((sum, w) => sum + w, 0);
    ok(
      !fits(
        counted(DRAWS, 4, () => chooseLevel(counts, ONE, bytes)),
        law,
      ),
    );
    ok(
      !fits(
        found,
        other.map((w) => w / all),
      ),
    );
  });

  test('of 2^50 candidates against one that is far better', () => {
    const bytes = bytesFor(2);
    // 2^50·e^(-40) = 0.0048 of the one.
    const found = counted(500, 2, () => chooseLevel([1n, 1n << 50n], Rational.of(40), bytes));
    ok((found[1] ?? 0) < 30);
  });

  test('refused: no candidate, an exponent that is not positive', () => {
    const invalid = refusal('INVALID_PARAMETER');
    throws(() => chooseLevel([0n, 0n], ONE, bytesFor(1)), invalid);
    throws(() => chooseLevel([1n], Rational.ZERO, bytesFor(1)), invalid);
  });
});

describe('private quantile', () => {
  const answers = [3, 3, 4, 9, 9, 9, 12];

  test.each([0, 2, 3, 7])('rank %i: the law of the exponential mechanism', (rank) => {
    const law = quantileLaw(answers, -2, 15, rank, 1);
    const bytes = bytesFor(10 + rank);
    const given = { answers: answers.map(BigInt), min: -2n, max: 15n };
    const found = counted(DRAWS, law.length, () =>
      Number(privateQuantile(given, rank, ONE, bytes) + 2n),
    );
    ok(fits(found, law));
  });

  test('one answer moves every score by one at most, by brute force', () => {
    const [min, max] = [0, 3];
    for (let code = 0; code < 4 ** 4; code++) {
      const all = [0, 1, 2, 3].map((i) => Math.floor(code / 4 ** i) % 4);
      for (let other = min; other <= max; other++) {
        const moved = [other, ...all.slice(1)];
        for (const rank of [0, 1, 2, 4]) {
          const [a, b] = [distances(all, min, max, rank), distances(moved, min, max, rank)];
          ok(a.every((d, x) => Math.abs(d - (b[x] ?? 0)) <= 1));
          // And so the law, which is what is promised: at most e^epsilon, exactly.
          const [p, q] = [
            quantileLaw(all, min, max, rank, 1),
            quantileLaw(moved, min, max, rank, 1),
          ];
          ok(p.every((own, x) => own <= Math.E * (q[x] ?? 0) * (1 + 1e-12)));
        }
      }
    }
  });

  test('is within its reach: all but a twentieth', () => {
    const epsilon = Rational.of(1, 2);
    const reach = quantileReach({ min: 0n, max: 1000n }, epsilon, Rational.of(1, 20));
    strictEqual(reach, Math.ceil(4 * Math.log(1001 * 20)));
    const own = Array.from({ length: 100 }, (_, i) => BigInt(400 + i));
    const bytes = bytesFor(3);
    const far = counted(500, 2, () => {
      const x = privateQuantile({ answers: own, min: 0n, max: 1000n }, 50, epsilon, bytes);
      const below = own.filter((answer) => answer < x).length;
      return Math.max(0, below - 50, 50 - below - 1) >= reach ? 1 : 0;
    });
    ok((far[1] ?? 0) <= 25 + 5 * Math.sqrt(24));
  });

  test('refused: answers outside of the bounds, none, another rank', () => {
    const given = { answers: [1n], min: 0n, max: 5n };
    const invalid = refusal('INVALID_PARAMETER');
    throws(() => privateQuantile({ ...given, answers: [6n] }, 0, ONE, bytesFor(1)), invalid);
    throws(() => privateQuantile({ ...given, answers: [] }, 0, ONE, bytesFor(1)), invalid);
    throws(() => privateQuantile(given, 2, ONE, bytesFor(1)), invalid);
    throws(() => privateQuantile(given, 1, Rational.ZERO, bytesFor(1)), invalid);
  });
});

describe('winsorised mean', () => {
  test('the fence lies about the quartiles, within the bounds, never without width', () => {
    const bounds = { min: 0n, max: 100n };
    deepStrictEqual(winsorFence([40n, 50n], bounds), { low: 20n, high: 70n });
    deepStrictEqual(winsorFence([50n, 40n], bounds), { low: 20n, high: 70n });
    deepStrictEqual(winsorFence([5n, 50n], bounds), { low: 0n, high: 100n });
    deepStrictEqual(winsorFence([0n, 0n], bounds), { low: 0n, high: 1n });
    deepStrictEqual(winsorFence([100n, 100n], bounds), { low: 99n, high: 100n });
  });

  test('no answer moves the sum by more than the fence is wide, however far out it is', () => {
    const bytes = bytesFor(9);
    const cost = { epsilon: Rational.of(40), noise: Rational.of(1, 10n ** 12n) };
    const bounds = { min: 0n, max: 10_000n };
    const inner = Array.from({ length: 63 }, (_, i) => BigInt(5000 + (i % 16)));
    for (const outlier of [0n, 10_000n]) {
      const given = { ...bounds, answers: [...inner, outlier] };
      const { quartiles, sum } = winsorisedSum(given, cost, bytes);
      const { low, high } = winsorFence(quartiles, given);
      const others = inner.reduce((all, a) => all + a - low, 0n);
      ok(low > 4900n && high < 5100n && sum - others >= -1n && sum - others <= high - low + 1n);
    }
  });

  test('noise has the variance of the fence, not of the range', () => {
    const answers = Array.from({ length: 64 }, (_, i) => BigInt(5000 + (i % 16)));
    const given = { answers, min: 0n, max: 10_000n };
    const cost = { epsilon: Rational.of(20), noise: Rational.of(4) };
    const bytes = bytesFor(4);
    let squares = 0;
    for (let i = 0; i < 400; i++) {
      const { quartiles, sum } = winsorisedSum(given, cost, bytes);
      const { low, high } = winsorFence(quartiles, given);
      const exact = answers.reduce(
        (all, a) => all + (a < low ? low : a > high ? high : a) - low,
        0n,
      );
      squares += Number(sum - exact) ** 2 / (4 * Number(high - low) ** 2);
    }
    ok(Math.abs(squares - 400) < 5 * Math.sqrt(800));
  });
});

describe('the best k', () => {
  test('two of three: the law of peeling', () => {
    const scores = [2, 0, 1];
    const weight = (i: number): number => Math.exp(scores[i] ?? 0);
    const pairs = [0, 1, 2].flatMap((a) => [0, 1, 2].filter((b) => b !== a).map((b) => [a, b]));
    const law = pairs.map(([a = 0, b = 0]) => {
      const all = weight(0) + weight(1) + weight(2);
      return (weight(a) / all) * (weight(b) / (all - weight(a)));
    });
    const bytes = bytesFor(5);
    const found = counted(DRAWS, pairs.length, () => {
      const [a, b] = topCandidates(
        { scores: scores.map(BigInt), k: 2, epsilon: ONE, sensitivity: 1n },
        bytes,
      );
      return pairs.findIndex(([x, y]) => x === a && y === b);
    });
    ok(fits(found, law));
  });

  test('a person moves it by k times epsilon at most, by enumeration', () => {
    const law = (scores: readonly number[]) => {
      const w = scores.map((s) => Math.exp(s / 2));
      const all = w.reduce((sum, one) => sum + one, 0);
      return w.flatMap((a, i) => w.map((b, j) => (i === j ? 0 : (a / all) * (b / (all - a)))));
    };
    for (let code = 0; code < 2 ** 3; code++) {
      // Somebody in any of the cells: counts move one way, by one each.
      const own = [0, 1, 2].map((i) => (code >> i) & 1);
      const [p, q] = [law([3, 3, 1]), law([3, 3, 1].map((s, i) => s + (own[i] ?? 0)))];
      ok(p.every((x, i) => x <= Math.E * (q[i] ?? 0) * (1 + 1e-12)));
      ok(q.every((x, i) => x <= Math.E * (p[i] ?? 0) * (1 + 1e-12)));
    }
  });

  test('within its reach, and refusals', () => {
    const asked = { k: 2, epsilon: Rational.of(1, 2), sensitivity: 3n };
    strictEqual(topReach(asked, 10, Rational.of(1, 20)), BigInt(Math.ceil(6 * Math.log(400))));
    const invalid = refusal('INVALID_PARAMETER');
    throws(() => topCandidates({ ...asked, scores: [1n] }, bytesFor(1)), invalid);
    throws(() => topCandidates({ ...asked, k: 0, scores: [1n] }, bytesFor(1)), invalid);
  });
});

describe('epsilon for a rho', () => {
  test.each([Rational.of(1, 200), Rational.of(1, 3), Rational.of(2), Rational.of(1, 10 ** 9)])(
    'never costs more than %s, and the next one would',
    (rho) => {
      const next = (epsilon: Rational) => epsilon.plus(Rational.of(1, 1 << 20));
      const [choice, pure] = [exponentialEpsilon(rho), pureEpsilon(rho)];
      ok(exponentialRho(choice).atMost(rho) && !exponentialRho(next(choice)).atMost(rho));
      ok(rhoOfPure(pure).atMost(rho) && !rhoOfPure(next(pure)).atMost(rho));
    },
  );

  test('refused where it would be nothing', () => {
    throws(() => exponentialEpsilon(Rational.of(1, 10n ** 14n)), refusal('NOISE_RANGE'));
    throws(() => pureEpsilon(Rational.of(1, 10n ** 14n)), refusal('NOISE_RANGE'));
    throws(() => pureEpsilon(Rational.ZERO), refusal('INVALID_PARAMETER'));
  });
});
