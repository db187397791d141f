/**
 * How cost grows with size: the slope of log time against log size by least squares, and what is to be
 * expected of sizes that nobody measured. An extrapolation is that and no measurement: memory, caches and
 * disks have steps, and its reader is told so. Small sizes are mostly fixed costs, so time is carried on with the slope
 * between the two largest ones, and linearly at the least.
 * @module
 */
import { secondsOf } from './charts.ts';
import type { Recorded } from './results.ts';

export type Growth = {
  readonly case: string;
  readonly sizes: readonly number[];
  /** 1 is linear, 2 quadratic. */
  readonly slope: number;
  /** The exponent that time is carried on with: 1 or more. */
  readonly carried: number;
  readonly seconds: (size: number) => number;
  /** Megabytes of the largest process by the line through the smallest and the largest size. */
  readonly memoryMb: (size: number) => number;
  /** Bytes of the wire by the line through the smallest and the largest size. */
  readonly bytes: ((size: number) => number) | null;
};

const slopeOf = (points: readonly (readonly [number, number])[]): number => {
  const mean = (pick: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [mx, my] = [mean(([x]) => x), mean(([, y]) => y)];
  const xy = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return xy / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
};

const wireOf = ({ size, bytesPerItem }: Recorded): number => size * (bytesPerItem ?? 0);

/** The line through two measurements, never falling. */
const line = (first: Recorded, last: Recorded, of: (entry: Recorded) => number) => {
  const each = Math.max(0, (of(last) - of(first)) / (last.size - first.size));
  return (size: number): number => of(last) + each * (size - last.size);
};

/** Of every case that was measured at two sizes or more, which are not key lengths. */
export function growthOf(measurements: readonly Recorded[]): Growth[] {
  const names = [...new Set(measurements.map((entry) => entry.case))];
  return names
    .filter((name) => !name.startsWith('he/paillier'))
    .flatMap((name) => {
      const own = measurements
        .filter((entry) => entry.case === name)
        .sort((a, b) => a.size - b.size);
      const [first, last] = [own[0], own.at(-1)];
      if (first === undefined || last === undefined || own.length < 2) return [];
      const slope = slopeOf(
        own.map((entry) => [Math.log(entry.size), Math.log(secondsOf(entry))] as const),
      );
      const before = own.at(-2) ?? first;
      const carried = Math.max(
        1,
        Math.log(secondsOf(last) / secondsOf(before)) / Math.log(last.size / before.size),
      );
      return [
        {
          case: name,
          sizes: own.map(({ size }) => size),
          slope,
          carried,
          seconds: (size: number) => secondsOf(last) * (size / last.size) ** carried,
          memoryMb: line(first, last, ({ peakRssMb }) => peakRssMb),
          bytes: last.bytesPerItem === null ? null : line(first, last, wireOf),
        },
      ];
    });
}
