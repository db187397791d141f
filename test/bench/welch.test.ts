/** Welch's t by hand, and on streams that differ and do not. */
import { ok } from 'node:assert/strict';
import { test } from 'vitest';
import { THRESHOLD, welch } from '../../bench/ct/welch.ts';

const near = (actual: number, expected: number): void =>
  ok(Math.abs(actual - expected) < 1e-9, `${actual}, expected ${expected}`);

test('four samples each, by hand', () => {
  // Means 2.5 and 5, variances 5/3 and 20/3: t = 2.5 / sqrt(25/12) = sqrt(3).
  const { t, samples, difference, detectable } = welch([1, 2, 3, 4], [2, 4, 6, 8]);
  near(t, -Math.sqrt(3));
  near(samples, 8);
  near(difference, -2.5);
  near(detectable, THRESHOLD * Math.sqrt(25 / 12));
});

/** 0 to 99 in a fixed disorder, over and over: the same distribution in every stretch of 100. */
const stream = (n: number, shift: number): number[] =>
  Array.from({ length: n }, (_, i) => ((i * 37) % 100) + shift);

test('control: the same distribution is below the threshold, a shift of a tenth above it', () => {
  ok(Math.abs(welch(stream(10_000, 0), stream(10_000, 0)).t) < 1);
  ok(welch(stream(10_000, 10), stream(10_000, 0)).t > THRESHOLD);
});

test('interrupts in one class alone do not hide a difference in the others', () => {
  const loud = stream(10_000, 10).map((time, i) => (i % 200 === 0 ? 1e9 * (i + 1) : time));
  ok(welch(loud, stream(10_000, 0)).t > THRESHOLD);
});
