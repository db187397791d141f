/**
 * The rows of a model over a table of groups: one for each combination of the factors' labels.
 *
 * A factor of k labels has k − 1 indicators against its first label, or one score where it is a
 * factor of bins that is asked for as `linear`: the middle of each bin, in units of the column.
 * @module
 */

export type ModelFactor = {
  readonly name: string;
  readonly labels: readonly string[];
  /** One number for each label where the factor is linear. */
  readonly scores: readonly number[] | undefined;
};

export type Design = {
  /** Names of the coefficients. */
  readonly names: readonly string[];
  /** Row g has the regressors of group g, row-major over the factors, the last one fastest. */
  readonly rows: readonly (readonly number[])[];
};

const namesOf = ({ name, labels, scores }: ModelFactor): string[] =>
  scores === undefined ? labels.slice(1).map((label) => `${name} ${label}`) : [name];

const valuesOf = ({ labels, scores }: ModelFactor, place: number): number[] =>
  scores === undefined
    ? labels.slice(1).map((_, i) => (i + 1 === place ? 1 : 0))
    : [scores[place] ?? 0];

export const groupsOf = (factors: readonly ModelFactor[]): number =>
  factors.reduce((product, { labels }) => product * labels.length, 1);

export function designOf(factors: readonly ModelFactor[]): Design {
  let rows: number[][] = [[]];
  for (const factor of factors) {
    rows = rows.flatMap((row) =>
      factor.labels.map((_, place) => [...row, ...valuesOf(factor, place)]),
    );
  }
  return { names: factors.flatMap(namesOf), rows };
}
