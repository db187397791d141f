/** `{ "count": true }`: rows, which are people where one row of a person counts. @module */
import type { MeasureKind } from './measure.ts';

export const count: MeasureKind = {
  key: 'count',
  read(value, at, { report }) {
    if (value !== true) {
      report(at, 'UNKNOWN_VALUE');
      return undefined;
    }
    return {
      content: { kind: 'tally', parts: 1, part: { kind: 'all' } },
      released: { kind: 'count' },
      form: 'count',
    };
  },
};
