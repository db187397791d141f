/** What stands in the way of a disclosure (disclosure.ts): it is about everybody whom the two holders declare. @module */
import type { InputError } from '../../base/errors.ts';
import type { Condition } from '../condition.ts';
import type { NamedMeasure } from '../measure/read.ts';
import type { Dimension } from '../plan.ts';
import type { Disclosed } from './disclosure.ts';

/** Public-key operations for each row: a study with more people has the other outputs. */
const MOST_ROWS: Readonly<Record<Disclosed, number>> = {
  set: 2 ** 22,
  cardinality: 2 ** 18,
  ids: 2 ** 18,
};

type Asked = {
  readonly where: Condition;
  readonly dimensions: readonly Dimension[];
  readonly measures: readonly NamedMeasure[];
  /** `per` of the query itself. */
  readonly chosen: boolean;
};

/** By pointer into the query; `rows` is the larger of the two declared sizes. */
export function disclosureErrors(output: Disclosed, asked: Asked, rows: number): InputError[] {
  const { where, dimensions, measures, chosen } = asked;
  const [only, ...others] = measures;
  const wrong = [
    ...(where.kind === 'all' && where.children.length === 0 ? [] : ['/where']),
    ...(dimensions.length === 0 ? [] : ['/groupBy']),
    ...(only?.released.kind === 'count' && others.length === 0 ? [] : ['/measures']),
    ...(chosen ? ['/per'] : []),
  ].map((pointer) => ({ pointer, code: 'NOT_WITH_DISCLOSE' }));
  const many = rows > MOST_ROWS[output] ? [{ pointer: '/disclose', code: 'TOO_MANY_PEOPLE' }] : [];
  return [...wrong, ...many];
}
