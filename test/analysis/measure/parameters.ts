/**
 * Laws whose parameters the measures of tables and models estimate: what one cohort drawn from each sums to,
 * and the truth of every number that is told of it.
 */
import { bandWeights } from '../../../src/cohort/populations.ts';
import { Rational } from '../../../src/base/rational.ts';
import type { TableMeasure } from '../../../src/analysis/table-measure.ts';
import { dyadicCounts, dyadicTree } from '../../../src/dp/mechanism/dyadic.ts';
import type { Draw } from '../simulation.ts';

export type Model = {
  readonly name: string;
  readonly measure: TableMeasure;
  /** Exact sums of a cohort of `people`, Poisson in number. */
  readonly sums: (draw: Draw, people: number) => number[];
  /** In what multiple of σ² each sum has its noise; of the first where shorter. */
  readonly scale?: readonly number[];
  /** By the name that `told` gives a number. */
  readonly truth: (people: number) => Readonly<Record<string, number>>;
  /** By the measure's own rule at least 95 %, and more where values are few: not held to 97 %. */
  readonly conservative?: boolean;
};

type Unnamed<T> = T extends unknown ? Omit<T, 'name' | 'block'> : never;
const named = (own: Unnamed<TableMeasure>): TableMeasure => ({ name: 'm', block: 0, ...own });

const total = (values: readonly number[]): number => values.reduce((sum, own) => sum + own, 0);
const zeros = (size: number): number[] => Array<number>(size).fill(0);
const add = (sums: number[], at: number, by = 1): void => {
  sums[at] = (sums[at] ?? 0) + by;
};

/** Index drawn by weights that add up to 1. */
function pick(draw: Draw, weights: readonly number[]): number {
  let left = draw.uniform();
  const found = weights.findIndex((weight) => (left -= weight) < 0);
  return found < 0 ? weights.length - 1 : found;
}

/** People of independent rows, each adding to the sums. */
const rows =
  (size: number, row: (draw: Draw, sums: number[]) => void): Model['sums'] =>
  (draw, people) => {
    const sums = zeros(size);
    for (let left = draw.poisson(people); left > 0; left--) row(draw, sums);
    return sums;
  };

const DEPTH = 6;
const LEAVES = 2 ** DEPTH;
const raw = Array.from({ length: LEAVES }, (_, i) => (i + 1) * Math.exp(-i / 12));
const values = raw.map((weight) => weight / total(raw));
const below = values.map((_, i) => total(values.slice(0, i + 1)));
const leaves = { depth: DEPTH, min: 0, max: LEAVES - 1, width: 1, step: 1 };

function treeSums(draw: Draw, people: number): number[] {
  const counts = new BigInt64Array(LEAVES);
  for (let left = draw.poisson(people); left > 0; left--) {
    const at = pick(draw, values);
    counts[at] = (counts[at] ?? 0n) + 1n;
  }
  return [...dyadicCounts(dyadicTree(LEAVES), counts)].map(Number);
}

const ORDERS = [0.25, 0.5, 0.9];
const quantiles: Model = {
  name: 'quantiles',
  measure: named({
    kind: 'quantiles',
    leaves,
    at: ORDERS.map((order) => ({ order, label: String(order) })),
    unit: '1',
  }),
  sums: treeSums,
  truth: () =>
    Object.fromEntries(
      ORDERS.map((order) => [String(order), below.findIndex((own) => own >= order)]),
    ),
  conservative: true,
};

const CUTS = [5, 16, 40];
const distribution: Model = {
  name: 'distribution',
  measure: named({
    kind: 'distribution',
    leaves,
    at: CUTS.map((own) => ({ leaves: own, label: String(own) })),
  }),
  sums: treeSums,
  truth: () => Object.fromEntries(CUTS.map((own) => [String(own), below[own - 1] ?? 0])),
};

const CELLS = [0.3, 0.2, 0.15, 0.35];
const [A = 0, B = 0, C = 0, D = 0] = CELLS;
const axis = (column: string, length: number) => ({
  column,
  labels: Array.from({ length }, (_, i) => `${column}${i}`),
});
const table: Model = {
  name: 'table',
  measure: named({ kind: 'table', rows: axis('r', 2), columns: axis('c', 2) }),
  sums: rows(4, (draw, sums) => add(sums, pick(draw, CELLS))),
  truth: () => ({
    'odds ratio': (A * D) / (B * C),
    'relative risk': A / (A + B) / (C / (C + D)),
  }),
};

const AGES = [0, 40, 50, 60, 70];
const weights = bandWeights('esp-2013', AGES);
const BANDS = [0.3, 0.25, 0.2, 0.15, 0.1];
const RATES = [0.1, 0.15, 0.25, 0.3, 0.4];
const standardised: Model = {
  name: 'standardised',
  measure: named({ kind: 'standardised', weights }),
  sums: rows(2 * AGES.length, (draw, sums) => {
    const band = pick(draw, BANDS);
    add(sums, 2 * band + (draw.uniform() < (RATES[band] ?? 0) ? 0 : 1));
  }),
  truth: () => ({ value: total(weights.map((own, i) => own * (RATES[i] ?? 0))) }),
  conservative: true,
};

const TIMES = [2015.5, 2016.5, 2017.5, 2018.5, 2019.5];
const PERIODS = [0.16, 0.18, 0.2, 0.22, 0.24];
const counts: Model = {
  name: 'trend of counts',
  measure: named({ kind: 'trend', of: 'count', times: TIMES, unit: 'a', ...axis('year', 5) }),
  sums: rows(5, (draw, sums) => add(sums, pick(draw, PERIODS))),
  truth: (people) => ({ slope: 0.02 * people }),
};
const shares: Model = {
  name: 'trend of shares',
  measure: named({ kind: 'trend', of: 'proportion', times: TIMES, unit: 'a', ...axis('year', 5) }),
  sums: rows(10, (draw, sums) => {
    const period = pick(draw, PERIODS);
    add(sums, 2 * period + (draw.uniform() < 0.3 + 0.05 * period ? 0 : 1));
  }),
  truth: () => ({ slope: 0.05 }),
};

const GRID = [0, 1, 2, 3, 4, 5, 6];
/** Chance in an interval of either cause, and of censoring of those who are left. */
const [FIRST, SECOND, CENSORED] = [0.06, 0.04, 0.05];

/** The exit of one person: events first, then censoring, the convention of a table of exits. */
function exitOf(draw: Draw): number {
  for (let i = 0; i < 6; i++) {
    const event = pick(draw, [FIRST, SECOND, 1 - FIRST - SECOND]);
    if (event < 2) return 3 * i + event;
    if (draw.uniform() < CENSORED) return 3 * i + 2;
  }
  return 18;
}
const incidence: Model = {
  name: 'incidence',
  measure: named({ kind: 'incidence', grid: GRID, unit: 'a', causes: ['a', 'b'], arm: undefined }),
  sums: rows(3 * 6 + 1, (draw, sums) => {
    add(sums, exitOf(draw));
  }),
  truth: () =>
    Object.fromEntries(
      [FIRST, SECOND].flatMap((own, k) =>
        [2, 4, 6].map((t) => {
          const left = 1 - FIRST - SECOND;
          return [`${'ab'[k]} ${t}`, (own * (1 - left ** t)) / (1 - left)] as const;
        }),
      ),
    ),
};

/** y = 20 + 0.4·x + 8·g + an even error, within its bounds of 0 and 100. */
const BOUNDS = [1, 100, 1, 100];
const linear: Model = {
  name: 'linear',
  measure: named({
    kind: 'linear',
    unit: '1',
    predictors: [
      { name: 'x', bound: 100, centre: 50, half: 50, unit: '1' },
      { name: 'g', bound: 1, centre: 0, half: 1, unit: '1' },
    ],
    outcome: { name: 'y', bound: 100, centre: 50, half: 50, unit: '1' },
  }),
  sums: rows(10, (draw, sums) => {
    const [x, g] = [Math.floor(101 * draw.uniform()), draw.uniform() < 0.4 ? 1 : 0];
    const y = 20 + Math.round(0.4 * x + 20 * (draw.uniform() - 0.5)) + 8 * g;
    const z = [1, 2 * x - 100, g, 2 * y - 100];
    let at = 0;
    z.forEach((left, i) => z.slice(i).forEach((right) => add(sums, at++, left * right)));
  }),
  scale: BOUNDS.flatMap((left, i) => BOUNDS.slice(i).map((right) => (left * right) ** 2)),
  truth: () => ({ '(intercept)': 20, x: 0.4, g: 8 }),
};

const factors = [
  { name: 'f', labels: ['a', 'b', 'c'], scores: undefined },
  { name: 's', labels: ['1', '2', '3', '4'], scores: [1, 2, 3, 4] },
];
const logistic: Model = {
  name: 'logistic',
  measure: named({ kind: 'logistic', factors }),
  sums: rows(24, (draw, sums) => {
    const [f, s] = [pick(draw, [0.4, 0.35, 0.25]), Math.floor(4 * draw.uniform())];
    const odds = Math.exp(-1 + [0, 0.5, -0.4][f]! + 0.3 * (s + 1));
    add(sums, 2 * (4 * f + s) + (draw.uniform() < odds / (1 + odds) ? 0 : 1));
  }),
  truth: () => ({ '(intercept)': -1, 'f b': 0.5, 'f c': -0.4, s: 0.3 }),
};

const INTERVALS = 12;
const LOG_RATIO = 0.5;
const hazards: Model = {
  name: 'hazards',
  measure: named({
    kind: 'hazards',
    factors: [{ name: 'arm', labels: ['0', '1'], scores: undefined }],
    intervals: INTERVALS,
  }),
  sums: rows(2 * (2 * INTERVALS + 1), (draw, sums) => {
    const arm = draw.uniform() < 0.5 ? 0 : 1;
    const first = arm * (2 * INTERVALS + 1);
    // Rare in an interval, so that grouping of the times does not move the ratio.
    const event = draw.exponential() / (0.02 * Math.exp(LOG_RATIO * arm));
    const censored = draw.exponential() / 0.02;
    const at = Math.floor(Math.min(event, censored));
    add(sums, first + (at >= INTERVALS ? 2 * INTERVALS : 2 * at + (event <= censored ? 0 : 1)));
  }),
  truth: () => ({ 'arm 1': LOG_RATIO }),
};

export const MODELS: readonly Model[] = [
  ...[quantiles, distribution, table, standardised, counts, shares],
  ...[incidence, linear, logistic, hazards],
];

export const variancesOf = (model: Model, size: number, variance: Rational): Rational[] =>
  Array.from({ length: size }, (_, i) => variance.times(Rational.of(model.scale?.[i] ?? 1)));
