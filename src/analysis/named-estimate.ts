/**
 * A number of a measure that has several with names of their own: an odds ratio, a slope, the
 * coefficient of a regression. All of it is null where the noised sums do not determine it.
 * @module
 */
import { chiSquareTail } from './chi-square.ts';
import { Z95 } from './score-set.ts';

export type NamedEstimate = {
  readonly name: string;
  readonly value: number | null;
  /** 95 %, sampling and noise. */
  readonly interval: readonly [number, number] | null;
  /** 95 % half-width of the noise alone; of a ratio upwards. */
  readonly noise: number | null;
  /** Of no association: coefficient 0, ratio 1. Sampling and noise. */
  readonly p: number | null;
};
/** On the scale of ratios. */
export type Ratio = NamedEstimate;

export const undetermined = (name: string): NamedEstimate => ({
  name,
  value: null,
  interval: null,
  noise: null,
  p: null,
});

/** A value with normal errors of these variances. */
export function normalEstimate(
  name: string,
  value: number,
  sampling: number,
  noise: number,
): NamedEstimate {
  const variance = sampling + noise;
  if (!(variance > 0 && Number.isFinite(variance) && Number.isFinite(value))) {
    return undetermined(name);
  }
  const half = Z95 * Math.sqrt(variance);
  return {
    name,
    value: value + 0,
    interval: [value - half, value + half],
    noise: Z95 * Math.sqrt(Math.max(0, noise)),
    p: chiSquareTail((value * value) / variance, 1),
  };
}
