/**
 * `{ "proportion": condition }`: of the kept rows for which the condition says something, the
 * part for which it holds. Two counts, of which a row moves one: the price of a single count.
 * @module
 */
import { conditionJson, conditionPredicate } from '../condition.ts';
import { knownColumns } from './known.ts';
import type { MeasureKind } from './measure.ts';

export const proportion: MeasureKind = {
  key: 'proportion',
  read(value, at, { condition }) {
    const asked = condition(value, at);
    return {
      content: {
        kind: 'tally',
        parts: 2,
        part: {
          kind: 'condition',
          holds: conditionPredicate(asked),
          known: knownColumns(asked),
        },
      },
      released: { kind: 'proportion' },
      form: { proportion: conditionJson(asked) },
    };
  },
};
