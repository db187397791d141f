/**
 * Price and expected error of a plan: public numbers in, public numbers out (rulings 14).
 *
 * The noise of a count is known beforehand. That of a mean, a proportion, a variance or a curve
 * depends on how many rows a cell has: it is told for a number of rows that the analyst types,
 * or else for the declared size spread evenly over the cells. That of a table or a model is what it
 * would be for rows spread evenly over its parts (expected-noise.ts). Every cell of a measure has
 * the same expected noise, because the rows in it are the same.
 * @module
 */
import type { ChoiceMeasure } from '../analysis/choice-measure.ts';
import { squareUnit, type TableMeasure } from '../analysis/table-measure.ts';
import { check } from '../base/errors.ts';
import { Rational } from '../base/rational.ts';
import { fieldWidths } from './blocks.ts';
import { choicePrices } from './inside/price.ts';
import { expectedWidth } from './expected-width.ts';
import type { Block, Plan } from './plan.ts';

/**
 * With h > 1 a share of pooled noise has a variance of σ²/h, so whoever knows all others sees h·rho
 * (rulings 1); parts by holder carry it in full. Undefined where that is what is charged.
 */
export const rhoAgainstAllOthers = ({ rho, honestHolders, split }: Plan): Rational | undefined =>
  split || honestHolders === 1 ? undefined : rho.times(Rational.of(honestHolders));

/** Charged beside rho: of dummies, of values that are shown by their number of people. */
export const deltaOf = ({ link, inside }: Plan): Rational =>
  link?.dummies.delta ?? inside?.delta ?? Rational.ZERO;

export type MeasurePrice = {
  readonly measure: string;
  readonly kind: TableMeasure['kind'] | ChoiceMeasure['kind'];
  readonly rho: Rational;
  /** Of what is expected: UCUM, of the released values. */
  readonly unit: string;
  readonly expected: {
    /** 95 % half width of the noise of a cell by holder; undefined where none is released. */
    readonly byHolder: number | undefined;
    /** The same of a pooled cell: the noise of all holders together. Undefined of a model. */
    readonly pooled: number | undefined;
    /** Rows of a cell for which it is told; undefined where it is the same for any number. */
    readonly rows: number | undefined;
  };
  /** Of each ratio, slope or coefficient; null where so many rows would not determine it. */
  readonly parts: readonly {
    readonly name: string;
    readonly unit: string;
    readonly byHolder: number | null | undefined;
    readonly pooled: number | null;
  }[];
};

export type Price = {
  /** Charged at every holder, in total. */
  readonly rho: Rational;
  /** What all other holders together see, where a study counts on more than one to be honest. */
  readonly allOthers: Rational | undefined;
  /** `rho`, without what linking costs, split equally. */
  readonly perMeasure: readonly MeasurePrice[];
  /** Of the dummies of a linked query, or of keys inside one holder; else none is charged. */
  readonly delta: Rational;
  readonly cells: number;
  readonly deadlineSeconds: number;
};

const ANY_ROWS: readonly TableMeasure['kind'][] = ['count', 'histogram', 'sum'];

/** Answers for blocks are as many as there are blocks. */
const isForAnyRows = (measure: TableMeasure): boolean =>
  ANY_ROWS.includes(measure.kind) || (measure.kind === 'image' && measure.mode === 'block');

function unitOf(measure: TableMeasure): string {
  if (['sum', 'mean', 'quantiles'].includes(measure.kind) && 'unit' in measure) return measure.unit;
  return measure.kind === 'variance' ? squareUnit(measure.unit) : '1';
}

/** Rows that the study declares, of the largest holder where split. */
function declaredRows({ content, runs }: Block): bigint {
  const largest = runs[0]?.largest ?? 0n;
  if (content.kind === 'image') return largest / (fieldWidths(content)[0] ?? 1n);
  // Of a regression the first sum counts rows.
  return content.kind === 'moments' ? largest / (content.max - content.min) : largest;
}

/** Inside one holder: how far off its choices may be, whatever the number of rows. */
const insidePrices = (inside: NonNullable<Plan['inside']>): MeasurePrice[] =>
  choicePrices(inside).map(({ cell, parts, ...own }) => ({
    ...own,
    expected: { byHolder: cell, pooled: undefined, rows: undefined },
    parts: parts.map(({ off, ...part }) => ({ ...part, byHolder: off, pooled: off })),
  }));

function summedPrices(plan: Plan, rows: number | undefined): MeasurePrice[] {
  const values = plan.blocks.reduce((sum, block) => sum.plus(block.rho), Rational.ZERO);
  const share = values.dividedBy(Rational.of(plan.measures.length));
  return plan.measures.map((measure): MeasurePrice => {
    const block = plan.blocks[measure.block];
    check(block !== undefined, 'INTERNAL', 'a measure without its block');
    const spread = Math.max(1, Math.floor(Number(declaredRows(block)) / plan.cells));
    const assumed = rows ?? spread;
    const width = (shares: number) => expectedWidth(measure, block, shares, assumed);
    const pooled = width(plan.holders.length);
    const byHolder = plan.split ? width(1) : undefined;
    return {
      measure: measure.name,
      kind: measure.kind,
      rho: share,
      unit: unitOf(measure),
      expected: {
        byHolder: byHolder?.cell,
        pooled: pooled.cell,
        rows: isForAnyRows(measure) ? undefined : assumed,
      },
      parts: pooled.parts.map(({ name, unit, noise }, i) => ({
        name,
        unit,
        byHolder: byHolder?.parts[i]?.noise,
        pooled: noise,
      })),
    };
  });
}

/** `rows` of a cell, where the analyst expects a number; at least 1. */
export function price(plan: Plan, rows?: number): Price {
  check(rows === undefined || (Number.isFinite(rows) && rows >= 1), 'INVALID_PARAMETER', 'rows');
  const { inside } = plan;
  return {
    rho: plan.rho,
    allOthers: rhoAgainstAllOthers(plan),
    perMeasure: inside === undefined ? summedPrices(plan, rows) : insidePrices(inside),
    delta: deltaOf(plan),
    cells: plan.cells,
    deadlineSeconds: plan.deadlineSeconds,
  };
}

/** A price as it is answered: exact fractions as text. */
export const priceJson = ({ rho, allOthers, perMeasure, delta, ...rest }: Price) => ({
  rho: rho.toString(),
  ...(allOthers !== undefined && { allOthers: allOthers.toString() }),
  perMeasure: perMeasure.map(({ expected, parts, ...own }) => ({
    ...own,
    rho: own.rho.toString(),
    expected: {
      ...(expected.byHolder !== undefined && { byHolder: expected.byHolder }),
      ...(expected.pooled !== undefined && { pooled: expected.pooled }),
      ...(expected.rows !== undefined && { rows: expected.rows }),
    },
    ...(parts.length > 0 && {
      parts: parts.map(({ byHolder, ...part }) => ({
        ...part,
        ...(byHolder !== undefined && { byHolder }),
      })),
    }),
  })),
  delta: delta.toString(),
  ...rest,
});
