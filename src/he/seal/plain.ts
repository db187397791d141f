/**
 * Cells in the clear, from the rows: what a holder that still has them compares with, exactly, and
 * what the check rows must sum to.
 * @module
 */
import type { SlotLayout } from './check-rows.ts';
import { checkCodes } from './check-rows.ts';
import { codesOf, type Row } from './encrypt-columns.ts';
import type { HolderKey } from './holder-key.ts';
import type { Cell, ColumnPlan } from './plan.ts';
import type { Code, Schema } from './schema.ts';

const product = (cell: Cell, codes: (name: string) => Code): bigint =>
  cell.factors.reduce((value, factor) => value * BigInt(factor.of(codes(factor.column))), 1n);

/** The sums over `rows`, cell by cell. */
export function plainSums(plan: ColumnPlan, schema: Schema, rows: readonly Row[]): bigint[] {
  const codes = codesOf(schema, rows);
  return plan.cells.map((cell) =>
    rows.reduce((sum, _, i) => sum + product(cell, (name) => codes.get(name)?.[i] ?? null), 0n),
  );
}

/** What each check slot must hold in the result of `cell`, in the order of `layout.checks`. */
export function checkSums(
  plan: ColumnPlan,
  cell: Cell,
  schema: Schema,
  key: HolderKey,
  { checks }: SlotLayout,
): bigint[] {
  const sums = Array.from(checks, () => 0n);
  const names = [...new Set(cell.factors.map(({ column }) => column))];
  for (let block = 0; block < plan.blocks; block += 1) {
    const codes = new Map(
      names.map((name) => {
        const column = schema[name];
        return [name, column === undefined ? [] : checkCodes(key.check, name, column, block)];
      }),
    );
    sums.forEach((sum, i) => {
      sums[i] = sum + product(cell, (name) => codes.get(name)?.[i] ?? null);
    });
  }
  return sums;
}
