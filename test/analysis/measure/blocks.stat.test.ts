/**
 * Intervals of a mean over blocks: at least 95 % over seeded runs (rulings 23), for answers in the middle and
 * at a bound, with little and with much noise. 2,000 runs: below 93.5 % has probability 1e-3 where the
 * coverage is 95 %.
 */
import { ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { blockMean } from '../../../src/analysis/measure/blocks.ts';
import { Seeded } from '../../support/seeded.ts';

const RUNS = 2000;
const SCALE = { min: 0, max: 1000, step: 0.1 };

type Case = readonly [mean: number, spread: number, blocks: number, sigma: number];

function coverage([mean, spread, blocks, sigma]: Case, shrink = 1): number {
  const draw = new Seeded('blocks', 2 * (50_000 + RUNS * (blocks + 2)));
  const uniform = (): number => draw.below(2 ** 32) / 2 ** 32;
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const answer = (): number => Math.round(Math.min(1000, Math.max(0, mean + spread * normal())));
  const expected = Array.from({ length: 50_000 }, answer).reduce((a, b) => a + b) / 50_000;
  let covered = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const answers = Array.from({ length: blocks }, answer);
    const a = answers.reduce((sum, own) => sum + own, 0) + Math.round(sigma * normal());
    const sigmaQ = (sigma * 1000) / Math.sqrt(8);
    const q =
      answers.reduce((sum, own) => sum + own * (1000 - own), 0) + Math.round(sigmaQ * normal());
    const reading = { values: [a, q], noise: [sigma ** 2, sigmaQ ** 2] };
    const { interval } = blockMean('x', reading, SCALE, blocks);
    const [low = 0, high = 0] = interval ?? [];
    const [centre, half] = [(low + high) / 2, ((high - low) / 2) * shrink];
    if (Math.abs(expected * SCALE.step - centre) <= half + 1e-9) covered += 1;
  }
  return covered / RUNS;
}

describe('95 % intervals cover', () => {
  test.each<[string, Case]>([
    ['64 blocks, noise of the size of one answer', [400, 80, 64, 1000]],
    ['64 blocks, hardly any noise', [400, 80, 64, 10]],
    ['16 blocks near a bound', [20, 30, 16, 500]],
    ['8 blocks, much noise', [500, 200, 8, 4000]],
  ])('%s', (_, given) => {
    const found = coverage(given);
    ok(found >= 0.935, `${found}`);
  });

  test('control: an interval half as wide does not', () => {
    const found = coverage([400, 80, 64, 1000], 0.5);
    ok(found < 0.8, `${found}`);
  });
});
