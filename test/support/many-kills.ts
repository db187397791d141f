/**
 * Kills at random in numbers, as tests of a slow file: KILLS of them, a hundred without. KILL_SEED repeats what was
 * drawn; what the steps of three processes make of it also depends on time.
 */
import { test } from 'vitest';
import { Institutions } from './institutions.ts';
import { killAtRandom } from './kill-cluster.ts';

const KILLS = Number(process.env['KILLS'] ?? '100');
const SEED = process.env['KILL_SEED'] ?? String(Date.now());
/** In one life of a cluster: ledgers and logs grow and are verified in full. */
const IN_ONE_LIFE = 50;
/** Clusters at once: each waits for public deadlines most of the time. */
const SIDE_BY_SIDE = Number(process.env['KILL_CLUSTERS'] ?? '2');

const LONGEST_MS = 1_800_000;

export function manyKills(institutions: () => Institutions = () => new Institutions()): void {
  const lives = Math.ceil(KILLS / IN_ONE_LIFE);
  const life = (number: number): Promise<void> => {
    const from = number * IN_ONE_LIFE;
    return killAtRandom(`${SEED}/${from}`, Math.min(IN_ONE_LIFE, KILLS - from), institutions());
  };
  for (let first = 0; first < lives; first += SIDE_BY_SIDE) {
    const numbers = Array.from(
      { length: Math.min(SIDE_BY_SIDE, lives - first) },
      (_, i) => first + i,
    );
    const title = `random kills from ${first * IN_ONE_LIFE} on, seed ${SEED}`;
    test(
      title,
      async () => {
        // Each to its end, whatever becomes of the others.
        const ends = await Promise.allSettled(numbers.map(life));
        for (const end of ends) if (end.status === 'rejected') throw end.reason;
      },
      LONGEST_MS,
    );
  }
}
