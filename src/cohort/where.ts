/** Reads `where` of a query: shape, columns, values, and at once its normal form. @module */
import type { InputError } from '../base/errors.ts';
import { pointerTo, shapeErrors } from '../base/input.ts';
import type { Static, TSchema } from 'typebox';
import { type ColumnSet, columnSet, complement, intersection, nullOnly } from './column-set.ts';
import {
  allOf,
  anyOf,
  type Condition,
  conceptCondition,
  negate,
  setCondition,
  TRUE,
} from './condition.ts';
import type { PlanColumn } from './plan.ts';
import {
  AllShape,
  AnyShape,
  COMPARATORS,
  ComparisonShape,
  ConceptShape,
  InShape,
  IsNullShape,
  LIMITS,
  NotShape,
} from './query-shape.ts';
import { comparison, storedValue } from './stored-value.ts';

export type Columns = ReadonlyMap<string, PlanColumn>;

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a node and everything below it, and collects what is wrong with them. */
class WhereReader {
  readonly errors: InputError[] = [];
  readonly #columns: Columns;
  readonly #concepts: boolean;
  #nodes = 0;
  #values = 0;

  constructor(columns: Columns, concepts: boolean) {
    this.#columns = columns;
    this.#concepts = concepts;
  }

  /** The condition; meaningless when there are errors. */
  read(node: unknown, at: string, depth = 1): Condition {
    this.#nodes += 1;
    if (this.#nodes > LIMITS.nodes) {
      // Once is enough: a thousand nodes more would say the same.
      if (this.#nodes === LIMITS.nodes + 1) this.#report(at, 'TOO_MANY_ITEMS');
      return TRUE;
    }
    if (depth > LIMITS.depth) return this.#report(at, 'TOO_DEEP');
    if (!isObject(node)) return this.#report(at, 'WRONG_TYPE');
    const below = (child: unknown, ...tokens: (string | number)[]): Condition =>
      this.read(child, pointerTo(at, ...tokens), depth + 1);
    if ('hasConcept' in node) return this.#concept(node, at);
    if ('all' in node) {
      if (!this.#shape(AllShape, node, at)) return TRUE;
      return allOf(node.all.map((child, i) => below(child, 'all', i)));
    }
    if ('any' in node) {
      if (!this.#shape(AnyShape, node, at)) return TRUE;
      return anyOf(node.any.map((child, i) => below(child, 'any', i)));
    }
    if ('not' in node) {
      if (!this.#shape(NotShape, node, at)) return TRUE;
      return negate(below(node.not, 'not'));
    }
    const set = this.#columnSet(node, at);
    return set === undefined ? TRUE : setCondition(set);
  }

  #concept(node: object, at: string): Condition {
    if (!this.#shape(ConceptShape, node, at)) return TRUE;
    if (!this.#concepts) return this.#report(pointerTo(at, 'hasConcept'), 'CONCEPTS_NOT_IN_STUDY');
    return conceptCondition(node.hasConcept, node.descendants ?? false);
  }

  #columnSet(node: object, at: string): ColumnSet | undefined {
    if ('in' in node) {
      if (!this.#shape(InShape, node, at)) return undefined;
      const column = this.#column(node.column, at);
      return column && this.#in(column, node.in, pointerTo(at, 'in'));
    }
    if ('isNull' in node) {
      if (!this.#shape(IsNullShape, node, at)) return undefined;
      const column = this.#column(node.column, at);
      return column && nullOnly(column);
    }
    if (!this.#shape(ComparisonShape, node, at)) return undefined;
    const column = this.#column(node.column, at);
    return column && this.#compare(column, node, at);
  }

  #in(column: PlanColumn, values: readonly unknown[], at: string): ColumnSet {
    this.#values += values.length;
    if (this.#values > LIMITS.allValues) {
      this.#report(at, 'TOO_MANY_ITEMS');
      return nullOnly(column);
    }
    const stored = values.flatMap((value, i) => {
      const outcome = storedValue(column, value);
      if ('value' in outcome) return [outcome.value];
      this.#report(pointerTo(at, i), outcome.error);
      return [];
    });
    return columnSet(
      column,
      stored.map((value) => [value, value]),
    );
  }

  #compare(column: PlanColumn, node: Static<typeof ComparisonShape>, at: string): ColumnSet {
    // Everything but null; then as many comparisons as there are.
    let set = complement(nullOnly(column));
    for (const comparator of COMPARATORS) {
      if (!Object.hasOwn(node, comparator)) continue;
      const outcome = comparison(column, comparator, node[comparator]);
      if ('value' in outcome) set = intersection(set, columnSet(column, outcome.value));
      else this.#report(pointerTo(at, comparator), outcome.error);
    }
    return set;
  }

  #column(name: string, at: string): PlanColumn | undefined {
    const column = this.#columns.get(name);
    if (column === undefined) this.#report(pointerTo(at, 'column'), 'UNKNOWN_COLUMN');
    return column;
  }

  #shape<S extends TSchema>(schema: S, node: unknown, at: string): node is Static<S> {
    const errors = shapeErrors(schema, node, at);
    this.errors.push(...errors);
    return errors.length === 0;
  }

  #report(pointer: string, code: string): Condition {
    this.errors.push({ pointer, code });
    return TRUE;
  }
}

type Read = { readonly condition: Condition; readonly errors: readonly InputError[] };

/** The normal form of a condition that stands at `at` of a query, with everything wrong in it. */
export function readCondition(
  node: unknown,
  at: string,
  columns: Columns,
  /** Does the study have concepts of a vocabulary? */
  concepts: boolean,
): Read {
  const reader = new WhereReader(columns, concepts);
  const condition = reader.read(node, at);
  return { condition, errors: reader.errors };
}

/** The same of `where`, which is true where it is absent. */
export const readWhere = (where: unknown, columns: Columns, concepts = false): Read =>
  where === undefined
    ? { condition: TRUE, errors: [] }
    : readCondition(where, '/where', columns, concepts);
