/**
 * Linear regression from noised sums of products of bounded features.
 *
 * Paper     Wang, "Revisiting differentially private linear regression", UAI 2018, AdaSSP: least squares
 *           on noised X'X and X'y with a ridge λ as large as the noise asks for and no larger,
 *           λ = max(0, s·√(d·ln(2d²/ϱ)) − λ_min). Here λ_min comes from the noised matrix itself,
 *           which costs nothing, less z·s·√d for its error (Weyl's inequality), with ϱ = 0.05; so
 *           where the data carry the fit, λ is 0 and the estimate is that of least squares.
 * Scale     features are z/b, in [−1, 1], and so is the outcome; every sum of products then has noise of
 *           one variance s². Coefficients go back to units of the columns at the end.
 * Errors    of θ in (X'X)θ = X'y with noise E, e on both: e − Eθ has covariance
 *           s²((1 + |θ|²)·I + θθ') off the diagonal, and s²(1 + |θ|²) on it, as E is symmetric. Sampling
 *           is the residual variance (y'y − θ'X'y)/(n − d) times X'X. Sandwich between inverses.
 * Limits    with λ > 0 the estimate is pulled to zero, and no interval about it would hold its level:
 *           the value is then told without one. Nothing is told where the matrix is not positive
 *           definite, or the residual variance not positive.
 * @module
 */
import { check } from '../../base/errors.ts';
import { log } from '../elementary.ts';
import { type NamedEstimate, normalEstimate, undetermined } from '../named-estimate.ts';
import { checkReading, type Reading } from '../reading.ts';
import { Z95 } from '../score-set.ts';
import { addOuter, apply, dot, identity, inverse, plus, smallestEigenvalue } from './matrix.ts';

/** A feature with |z| ≤ bound that stands for value = centre + half·z/bound. */
export type Coordinate = {
  readonly name: string;
  readonly bound: number;
  /** In units of the column: half of its range. An indicator has centre 0 and half 1. */
  readonly centre: number;
  readonly half: number;
  /** UCUM; of an indicator the unit one. */
  readonly unit: string;
};

export type LinearShape = {
  readonly predictors: readonly Coordinate[];
  readonly outcome: Coordinate;
};

export const INTERCEPT = '(intercept)';
const FAILURE = 0.05;

type Sums = {
  /** Of 1, the predictors and the outcome, each divided by its bound. */
  readonly products: number[][];
  readonly noise: number;
};

/** The upper triangle by rows, scaled. */
function sumsOf({ values, noise }: Reading, bounds: readonly number[]): Sums {
  const products = identity(bounds.length, 0);
  let at = 0;
  bounds.forEach((left, i) => {
    for (let j = i; j < bounds.length; j++) {
      const value = (values[at] ?? 0) / left / (bounds[j] ?? 1);
      for (const [row, column] of [
        [i, j],
        [j, i],
      ] as const) {
        const own = products[row];
        if (own !== undefined) own[column] = value;
      }
      at += 1;
    }
  });
  return { products, noise: noise[0] ?? 0 };
}

/** How much ridge the noise of standard deviation `s` asks for. */
function ridge(matrix: readonly (readonly number[])[], s: number): number {
  const d = matrix.length;
  const wanted = s * Math.sqrt(d * log((2 * d * d) / FAILURE));
  return Math.max(0, wanted - (smallestEigenvalue(matrix) - Z95 * s * Math.sqrt(d)));
}

type Fit = {
  readonly theta: readonly number[];
  readonly shrunk: boolean;
  /** Covariance of theta from sampling and from noise, and the inverse of X'X. */
  readonly bread: number[][];
  readonly sampling: number;
  readonly meat: number[][];
};

function fitOf({ products, noise }: Sums): Fit | undefined {
  const d = products.length - 1;
  const xx = products.slice(0, d).map((row) => row.slice(0, d));
  const xy = products.slice(0, d).map((row) => row[d] ?? 0);
  const yy = products[d]?.[d] ?? 0;
  const lambda = ridge(xx, Math.sqrt(noise));
  const bread = inverse(plus(xx, identity(d, lambda)));
  if (bread === undefined) return undefined;
  const theta = apply(bread, xy);
  const n = xx[0]?.[0] ?? 0;
  const squares = yy - dot(theta, xy);
  if (!(n > d && squares > 0)) return undefined;
  const length = dot(theta, theta);
  const meat = identity(d, noise * (1 + length));
  addOuter(meat, noise, theta);
  theta.forEach((own, i) => {
    const row = meat[i];
    if (row !== undefined) row[i] = (row[i] ?? 0) - noise * own * own;
  });
  return { theta, shrunk: lambda > 0, bread, sampling: squares / (n - d), meat };
}

/** Linear in theta: what each coefficient is in units of the columns. */
function coefficients({ predictors, outcome }: LinearShape): number[][] {
  const unit = outcome.half;
  const slopes = predictors.map(({ half }, i) => [
    0,
    ...predictors.map((_, j) => (i === j ? unit / half : 0)),
  ]);
  const intercept = [unit, ...predictors.map(({ centre, half }) => (-unit * centre) / half)];
  return [intercept, ...slopes];
}

/** Intercept, then a coefficient for each predictor, in outcome units per unit of the predictor. */
export function linearOf(reading: Reading, shape: LinearShape): NamedEstimate[] {
  const { predictors, outcome } = shape;
  check(predictors.length > 0, 'INVALID_PARAMETER', 'no predictor');
  const size = predictors.length + 2;
  checkReading(reading, (size * (size + 1)) / 2);
  const bounds = [1, ...predictors.map(({ bound }) => bound), outcome.bound];
  const fit = fitOf(sumsOf(reading, bounds));
  const names = [INTERCEPT, ...predictors.map(({ name }) => name)];
  if (fit === undefined) return names.map(undetermined);
  const { theta, bread, sampling, meat } = fit;
  const noise = covariance(bread, meat);
  return coefficients(shape).map((weights, i) => {
    const value = dot(weights, theta) + (i === 0 ? outcome.centre : 0);
    if (fit.shrunk) return { ...undetermined(names[i] ?? ''), value: value + 0 };
    const variance = (matrix: readonly (readonly number[])[]): number =>
      dot(weights, apply(matrix, weights));
    return normalEstimate(names[i] ?? '', value, sampling * variance(bread), variance(noise));
  });
}

/** outer·inner·outer. */
function covariance(outer: number[][], inner: number[][]): number[][] {
  const half = inner.map((_, i) =>
    outer.map((row) =>
      dot(
        row,
        inner.map((own) => own[i] ?? 0),
      ),
    ),
  );
  return outer.map((row) =>
    outer.map((_, j) =>
      dot(
        row,
        half.map((own) => own[j] ?? 0),
      ),
    ),
  );
}
