/** A plan asks only for noise that can be drawn: what cannot is refused before anybody is charged. */
import { doesNotThrow, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { Refusal } from '../../src/base/errors.ts';
import { runsOf } from '../../src/cohort/blocks.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import type { Plan } from '../../src/cohort/plan.ts';
import { checkVariance } from '../../src/dp/sampler/gaussian-reference.ts';
import { OPERATIONS } from '../../src/study/agreement-shape.ts';
import { exampleSection, terms } from './terms.ts';

const section = {
  rowsPerPerson: 1,
  declaredSize: { lu: 5000, jp: 5000 },
  columns: {
    ...exampleSection().columns,
    cost: { type: 'number', min: 0, max: 10_000, step: '1/100', unit: 'EUR' },
  },
};

/** Undefined where the query is refused for its noise. */
function planned(rho: string): Plan | undefined {
  try {
    return compileQuery(terms(section, { operations: [...OPERATIONS] }), {
      format: 'kakehashi/query/1',
      measures: [{ name: 'm', mean: 'cost' }],
      rho,
    });
  } catch (error) {
    strictEqual(error instanceof Refusal && error.code, 'NOISE_RANGE');
    return undefined;
  }
}

test.each(['1/2', '1/20', '1/200', '1/20000'])('a mean with a million steps at rho %s', (rho) => {
  const plan = planned(rho);
  for (const { variance } of plan === undefined ? [] : runsOf(plan)) {
    doesNotThrow(() => checkVariance(variance));
  }
});

test('control: at a high price it is served', () => {
  strictEqual(planned('1/2') === undefined, false);
});
