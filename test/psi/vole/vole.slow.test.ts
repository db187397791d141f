/**
 * VOLE-PSI at every small size, at random sizes to 5,000, and at its largest: 2^24 rows on both sides, each party a process
 * of its own with at most 4 GB resident.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { names, plainMatches, session } from './sessions.ts';
import { runParties } from './parties.ts';

describe('the plain intersection', () => {
  test('at all sizes from 0 to 64 of both lists', async () => {
    for (let size = 0; size <= 64; size += 1) {
      for (const [nx, ny] of [
        [size, 64 - size],
        [size, size],
      ] as const) {
        const [xs, ys] = [names(nx), names(ny, Math.floor(nx / 3))];
        const { received } = await session(xs, ys);
        deepStrictEqual([...received.matches], plainMatches(xs, ys), `${nx} and ${ny}`);
      }
    }
  });

  test('at random sizes to 5,000, with duplicates on both sides', async () => {
    const list = fc.array(fc.nat({ max: 6000 }).map(String), { maxLength: 5000 });
    await fc.assert(
      fc.asyncProperty(list, list, async (xs, ys) => {
        const { received } = await session(xs, ys);
        deepStrictEqual([...received.matches], plainMatches(xs, ys));
      }),
      { numRuns: 40 },
    );
  });
});

describe('two processes', () => {
  test('2^20 rows a side, half of them shared', async () => {
    const { matches } = await runParties(2 ** 20);
    ok(matches === 2 ** 19);
  });

  test('2^24 rows a side, below 4 GB a party', async () => {
    const { matches, residentMb } = await runParties(2 ** 24);
    ok(matches === 2 ** 23);
    for (const megabytes of Object.values(residentMb)) ok(megabytes < 4000, `${megabytes} MB`);
  });
});
