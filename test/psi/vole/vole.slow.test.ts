/**
 * VOLE-PSI at its largest: 2^24 rows on both sides, each party a process of its own with at most 4 GB resident.
 * Sizes to 5,000 are in test/cli/psi-sizes.slow.test.ts.
 */
import { ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { runParties } from './parties.ts';

describe('two processes', () => {
  test('2^20 rows a side, half of them shared', async () => {
    const { matches } = await runParties(2 ** 20);
    ok(matches === 2 ** 19);
  });

  test('2^21 rows a side: two threads a party take what their bins take, not what the lists do', async () => {
    const [one, two] = [await runParties(2 ** 21), await runParties(2 ** 21, 2)];
    ok(two.matches === 2 ** 20);
    for (const party of ['sender', 'receiver'] as const) {
      const more = two.residentMb[party] - one.residentMb[party];
      // Two heaps of workers, three bins under way and their rooms.
      ok(more < 250, `${party}: ${more} MB more`);
    }
  });

  test('2^24 rows a side, below 4 GB a party', async () => {
    const { matches, residentMb } = await runParties(2 ** 24);
    ok(matches === 2 ** 23);
    for (const megabytes of Object.values(residentMb)) ok(megabytes < 4000, `${megabytes} MB`);
  });
});
