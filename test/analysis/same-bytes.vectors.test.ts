/**
 * What is released is hashed by every holder, so one reading gives the same bytes everywhere: the
 * digest of everything this folder says of two fixed readings, pinned. It changes when a formula
 * or the order of its operations does, and on no engine by itself.
 */
import { strictEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'vitest';
import { meanOf } from '../../src/analysis/measure/mean.ts';
import { proportionOf } from '../../src/analysis/measure/proportion.ts';
import { sumOf } from '../../src/analysis/measure/sum.ts';
import { survivalOf } from '../../src/analysis/measure/survival.ts';
import { varianceOf } from '../../src/analysis/measure/variance.ts';

test('one reading, one digest', () => {
  const scale = { min: 30, max: 200, step: 0.1 };
  const moments = { values: [13_377, 48_219, 1_911_403], noise: [9e4, 9e4, 3.25e8] };
  const exits = [
    [37, 12, 25, -3, 31, 9, 14, 8, -5, 11, 160],
    [19, 7, 22, 10, 13, -4, 17, 2, 9, 6, 121],
  ].flat();
  const survival = survivalOf(
    { values: exits, noise: exits.map(() => 25) },
    [0, 6, 12, 18, 24, 36],
    2,
  );
  const said = JSON.stringify([
    meanOf(moments, scale),
    sumOf(moments, scale),
    varianceOf(moments, scale),
    proportionOf({ values: [73, 211], noise: [25, 25] }),
    survival,
  ]);
  strictEqual(
    createHash('sha256').update(said).digest('hex'),
    '19b8aa592561e459b9384fd5af7668a65c01adcb1964ada4c91456bdfe2f82d3',
  );
});
