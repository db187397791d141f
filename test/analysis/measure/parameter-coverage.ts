/**
 * How often the intervals of a measure hold what they say: the full one the parameter of the law, the one of
 * noise alone what the same measure makes of the cohort without noise (rulings 23). A number that is not told
 * is counted as missing, not as covered.
 */
import type { Entry } from '../../../src/analysis/entry.ts';
import { entriesOf, NoiseWidths } from '../../../src/analysis/release-entry.ts';
import { Rational } from '../../../src/base/rational.ts';
import { draws } from '../simulation.ts';
import { type Model, variancesOf } from './parameters.ts';

export type Setting = {
  readonly people: number;
  /** σ² of one share of noise, of two. */
  readonly variance: number;
  readonly runs: number;
  /** What the intervals are told the noise variance to be, over what it is. */
  readonly told?: number;
};

export type Share = { full: number; noise: number; told: number };

type Told = {
  readonly value: number;
  readonly interval: readonly [number, number];
  readonly noise: number;
  readonly ratio: boolean;
};

function toldBy(entries: readonly Entry[]): Map<string, Told> {
  const found = new Map<string, Told>();
  for (const entry of entries) {
    if (entry.kind === 'cell') {
      const name = Object.values(entry.extra).join(' ') || 'value';
      found.set(name, { ...entry.estimate, ratio: false });
    } else if (entry.kind === 'incidence') {
      for (const { time, incidence, interval, noise } of entry.points) {
        found.set(`${entry.cause} ${time}`, { value: incidence, interval, noise, ratio: false });
      }
    } else if (entry.kind === 'estimate') {
      const { name, value, interval, noise } = entry.estimate;
      if (value === null || interval === null || noise === null) continue;
      found.set(name, { value, interval, noise, ratio: / (?:ratio|risk)$/.test(` ${name}`) });
    }
  }
  return found;
}

/** Of a ratio the half width is told upwards; downwards it is the same factor. */
function noiseCovers({ value, noise, ratio }: Told, cohort: number): boolean {
  const rounding = 1e-9 * Math.abs(value) + 1e-12;
  const low = ratio ? value ** 2 / (value + noise) : value - noise;
  return low - rounding <= cohort && cohort <= value + noise + rounding;
}

const SHARES = 2;
const QUIET = Rational.of(1, 1_000_000);

export function coverage(model: Model, setting: Setting, seed: number): Map<string, Share> {
  const { people, variance, runs, told = 1 } = setting;
  const draw = draws(seed);
  const truth = model.truth(people);
  const found = new Map<string, Share>();
  const widths = new NoiseWidths();
  const read = (values: readonly number[], of: Rational) =>
    toldBy(
      entriesOf(
        model.measure,
        values,
        { variances: variancesOf(model, values.length, of), shares: SHARES },
        { widths, draws: 0 },
      ),
    );
  for (let run = 0; run < runs; run++) {
    const exact = model.sums(draw, people);
    const each = exact.map((_, i) => SHARES * variance * (model.scale?.[i] ?? 1));
    const noised = read(
      draw.noised(exact, each),
      Rational.of(Math.round(1e6 * variance * told), 1e6),
    );
    const cohort = read(exact, QUIET);
    for (const [name, parameter] of Object.entries(truth)) {
      const share = found.get(name) ?? { full: 0, noise: 0, told: 0 };
      found.set(name, share);
      const [own, plain] = [noised.get(name), cohort.get(name)];
      if (own === undefined || plain === undefined) continue;
      share.told += 1;
      const [low, high] = own.interval;
      if (low <= parameter + 1e-12 && parameter <= high + 1e-12) share.full += 1;
      if (noiseCovers(own, plain.value)) share.noise += 1;
    }
  }
  for (const share of found.values()) {
    share.full /= share.told;
    share.noise /= share.told;
    share.told /= runs;
  }
  return found;
}
