/**
 * What the page draws: charts as data, made of result files, so that the code in the browser only draws.
 * @module
 */
import { keyOf, type Recorded, type Results } from './results.ts';

export type Series = {
  readonly label: string;
  readonly points: readonly (readonly [number, number])[];
};

export type Chart = {
  readonly title: string;
  readonly x: { readonly label: string; readonly kind: 'log' | 'time' | 'names' };
  readonly y: { readonly label: string; readonly log: boolean };
  /** Of an axis of names, what stands at 0, 1, 2... */
  readonly names?: readonly string[];
  readonly series: readonly Series[];
};

const SECONDS = { s: 1, ms: 1e-3, us: 1e-6 } as const;

/** Seconds of one operation. */
export const secondsOf = ({ median, unit }: Pick<Recorded, 'median' | 'unit'>): number =>
  median * SECONDS[unit];

/** The sizes of Paillier cases are key lengths: no throughput follows from them. */
const growing = ({ case: name }: Recorded): boolean => !name.startsWith('he/paillier');

const bySize = (
  measurements: readonly Recorded[],
  value: (entry: Recorded) => number,
): Series[] => {
  const names = [...new Set(measurements.filter(growing).map((entry) => entry.case))];
  return names.map((label) => ({
    label,
    points: measurements
      .filter((entry) => entry.case === label)
      .map((entry) => [entry.size, value(entry)] as const)
      .sort(([a], [b]) => a - b),
  }));
};

function peerChart(measurements: readonly Recorded[]): Chart {
  const bars = measurements.flatMap((entry) =>
    Object.entries(entry.peers).map(([peer, ratio]) => ({
      name: `${keyOf(entry)} / ${peer}`,
      ratio,
    })),
  );
  return {
    title: 'How many times as fast as what one would use instead, same run',
    x: { label: '', kind: 'names' },
    y: { label: 'ratio', log: true },
    names: bars.map(({ name }) => name),
    series: [{ label: 'ratio', points: bars.map(({ ratio }, i) => [i, ratio] as const) }],
  };
}

function historyChart(runs: readonly Results[]): Chart {
  const latest = runs.at(-1)?.measurements ?? [];
  const labels = [...new Set(latest.map(keyOf))];
  return {
    title: 'Across commits: time in units of the same run’s transform of 4,096',
    x: { label: 'date', kind: 'time' },
    y: { label: 'transforms', log: true },
    series: labels.map((label) => ({
      label,
      points: runs.flatMap(({ date, measurements }) =>
        measurements
          .filter((entry) => keyOf(entry) === label)
          .map(
            (entry) =>
              [
                Date.parse(date) / 1000,
                secondsOf(entry) / (entry.calibration.nttUs * 1e-6),
              ] as const,
          ),
      ),
    })),
  };
}

/** Of runs, oldest first: what the last of them measured, and the history of all. */
export function chartsOf(runs: readonly Results[]): Chart[] {
  const latest = runs.at(-1)?.measurements ?? [];
  const size = { label: 'size', kind: 'log' } as const;
  return [
    {
      title: 'Throughput by size',
      x: size,
      y: { label: 'items a second', log: true },
      series: bySize(latest, (entry) => entry.size / secondsOf(entry)),
    },
    {
      title: 'Time by size',
      x: size,
      y: { label: 'seconds', log: true },
      series: bySize(latest, secondsOf),
    },
    peerChart(latest),
    {
      title: 'Peak memory of the process by size',
      x: size,
      y: { label: 'MB', log: true },
      series: bySize(latest, (entry) => entry.peakRssMb),
    },
    historyChart(runs),
  ].filter(({ series }) => series.length > 0);
}
