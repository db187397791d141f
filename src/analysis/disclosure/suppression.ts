/**
 * Which values of a release are not shown: small ones, and those that would give small ones away.
 *
 * Policy, not privacy: the privacy of a release is its noise, and it is paid for whether a value
 * is shown or not. The rules read noised values only (rulings 13), so that what is hidden says
 * nothing that the noised values do not.
 *
 * minimum-cell    a value of fewer rows than the study's minimum, by its noised number of rows; of a
 *                 proportion and what is like it, by the smaller of both parts.
 * same-rows       a value over rows of a cell whose count, asked for in the same release, is hidden:
 *                 every other measure is over these rows or some of them.
 * complementary   a value without which a hidden one could be computed. Known are the shown values,
 *                 that a pooled value is the sum of the holders', and the totals over the bins, rows and
 *                 columns of a measure, whether or not this release has them: another may. As
 *                 long as a small value is determined (determined.ts), one more is hidden.
 *
 * A sum of hidden values may still be known, and bounds each of them. Totals over the cells of
 * `groupBy` are no relation here: no release has them together with the cells.
 * @module
 */
import { check } from '../../base/errors.ts';
import { determined, type Relation } from './determined.ts';

export type Rule = 'minimum-cell' | 'same-rows' | 'complementary';

/** The values of one measure in one cell: parts by source. */
export type Values = {
  /** sizes[source][part]: holders in their order, then pooled; pooled only where not split. */
  readonly sizes: readonly (readonly number[])[];
  /** Parts that add up to something that may be known, each a list of indices. */
  readonly totals: readonly (readonly number[])[];
};

/** By source and part; undefined where shown. */
export type Hidden = readonly (readonly (Rule | undefined)[])[];

/** A minimum of 0 turns the rules off. */
export function isSmall(size: number, minimumCell: number): boolean {
  const whole = Number.isSafeInteger(minimumCell) && minimumCell >= 0;
  check(whole, 'INVALID_PARAMETER', 'minimum cell size');
  return minimumCell > 0 && size < minimumCell;
}

/** More hidden values at one place than this, and everything there is hidden. */
const MOST = 2000;

function relationsOf({ sizes, totals }: Values): Relation[] {
  const sources = sizes.length;
  const parts = sizes[0]?.length ?? 0;
  const id = (source: number, part: number): number => source * parts + part;
  const pooled = sources - 1;
  const bySum = Array.from({ length: sources > 1 ? parts : 0 }, (_, part) => {
    const signs = sizes.map((_row, source): [number, 1 | -1] => [
      id(source, part),
      source === pooled ? -1 : 1,
    ]);
    return new Map(signs);
  });
  const byTotal = totals.flatMap((own) =>
    sizes.map((_row, source) => new Map(own.map((part): [number, 1] => [id(source, part), 1]))),
  );
  return [...bySum, ...byTotal];
}

/**
 * What to hide next: of a relation that tells a determined value, the shown value that most
 * relations tie to hidden ones, for it closes a cycle; then a pooled one, then the smallest.
 */
function nextHidden(
  { sizes }: Values,
  relations: readonly Relation[],
  hidden: ReadonlyMap<number, Rule>,
  known: ReadonlySet<number>,
): number | undefined {
  const parts = sizes[0]?.length ?? 0;
  const size = (id: number): number => sizes[Math.floor(id / parts)]?.[id % parts] ?? Infinity;
  const source = (id: number): number => Math.floor(id / parts);
  const isHidden = (id: number): boolean => hidden.has(id);
  const ties = (id: number): number =>
    relations.filter((own) => own.has(id) && [...own.keys()].some(isHidden)).length;
  const tells = (relation: Relation, id: number): boolean =>
    [...relation.keys()].every((other) => other === id || !isHidden(other) || known.has(other));
  for (const id of [...hidden.keys()].filter((own) => known.has(own)).toReversed()) {
    const tied = relations.filter((relation) => relation.has(id));
    const telling = tied.filter((relation) => tells(relation, id));
    for (const relation of [...telling, ...tied]) {
      const shown = [...relation.keys()].filter((other) => !isHidden(other));
      const [best] = shown.sort(
        (x, y) => ties(y) - ties(x) || source(y) - source(x) || size(x) - size(y) || x - y,
      );
      if (best !== undefined) return best;
    }
  }
  return undefined;
}

/** Adds to `rules` what protects the values hidden there. */
function complement(values: Values, rules: Map<number, Rule>): void {
  const relations = relationsOf(values);
  const primary = [...rules.keys()];
  for (;;) {
    const known = determined(relations, new Set(rules.keys()));
    if (!primary.some((id) => known.has(id))) return;
    const next = nextHidden(values, relations, rules, known);
    // Everything that they are tied to is hidden already: only a total of its own could tell them.
    if (next === undefined) return;
    rules.set(next, 'complementary');
  }
}

/**
 * What to hide of the values of one measure in one cell. `forced` are sources in which all of it is
 * hidden because the count of the cell is. A value below `minimumCell` is small; 0 turns all off.
 */
export function suppressed(
  values: Values,
  minimumCell: number,
  forced: readonly boolean[] = [],
): Hidden {
  const { sizes } = values;
  const parts = sizes[0]?.length ?? 0;
  const rules = new Map<number, Rule>();
  if (minimumCell !== 0) {
    sizes.forEach((row, source) =>
      row.forEach((size, part) => {
        const id = source * parts + part;
        if (isSmall(size, minimumCell)) rules.set(id, 'minimum-cell');
        else if (forced[source] === true) rules.set(id, 'same-rows');
      }),
    );
    if (rules.size > MOST) {
      for (let id = 0; id < sizes.length * parts; id++) {
        if (!rules.has(id)) rules.set(id, 'complementary');
      }
    } else if (rules.size > 0) complement(values, rules);
  }
  return sizes.map((row, source) => row.map((_, part) => rules.get(source * parts + part)));
}
