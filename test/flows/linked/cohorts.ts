/** Two cohorts of 300 people of whom 150 are the same, and what the plain join of them is. */
import type { ReleaseBody } from '../../../src/flows/pooled/release.ts';
import { keyOf, type People } from '../../support/linked-lab.ts';
import { Seeded } from '../../support/seeded.ts';

const SIZE = 300;
const random = new Seeded('linked cohorts', 10_000);

/** A has people 0 to 299 and their sex, B 150 to 449 and their days of stay. */
const sexes = Array.from({ length: SIZE }, () => random.below(2));
export const days = Array.from({ length: SIZE }, () => random.below(401));
export const cohorts = (): People => ({
  groups: {
    keys: sexes.map((_, i) => keyOf(i)),
    groups: [0, 1].map((sex) => Uint8Array.from(sexes, (own) => Number(own === sex))),
  },
  values: {
    keys: days.map((_, i) => keyOf(150 + i)),
    values: [Float64Array.from(days)],
  },
});

/** Count and sum of a sex by looking. */
export function joined(sex: number): { people: number; total: number } {
  const both = sexes.flatMap((own, i) => (i >= 150 && own === sex ? [days[i - 150] ?? 0] : []));
  return { people: both.length, total: both.reduce((sum, x) => sum + x, 0) };
}

export const value = (body: ReleaseBody, group: string, measure: string): number | null => {
  const cells = body.cells.filter((cell) => cell.measure === measure);
  return cells.find((cell) => cell.group['group'] === group)?.value ?? null;
};
