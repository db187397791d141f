/** Price, noise and padded length of a linked query, from public numbers; what does not fit is refused. */
import { deepStrictEqual, equal, notEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { rhoOfPure } from '../../../src/dp/accountant/zcdp.ts';
import { rhoFor } from '../../../src/dp/mechanism/discrete-gaussian.ts';
import {
  linkedPlan,
  linkedPlanDigest,
  type LinkedRequest,
} from '../../../src/flows/linked/plan.ts';
import { linkedRequest } from '../../support/linked-lab.ts';

const planOf = (changes: Partial<LinkedRequest> = {}) => linkedPlan(linkedRequest(changes));

describe('plan of a linked aggregate', () => {
  test('rho is the values’ and the cardinality’s, delta the dummies’', () => {
    const { rho, delta, dummies, measures } = planOf({ cellsPerPerson: 2 });
    // One person is in two groups: squared L2 is 2 bound² for each measure.
    const values = measures
      .map(({ bound, variance }) => rhoFor(2n * bound * bound, variance))
      .reduce((sum, one) => sum.plus(one));
    deepStrictEqual(values, Rational.of(1, 10));
    deepStrictEqual(rho, values.plus(rhoOfPure(Rational.of(1, 2))));
    deepStrictEqual(delta, dummies.delta);
  });

  test('lists have room for everybody and every dummy', () => {
    const { length, declaredSize, dummies } = planOf();
    equal(length, declaredSize + 2 * dummies.reach);
  });

  test('the digest depends on everything that is charged or computed', () => {
    const digest = linkedPlanDigest(planOf());
    equal(linkedPlanDigest(planOf()), digest);
    const others: Partial<LinkedRequest>[] = [
      { groups: ['F', 'X'] },
      { groupsHolder: 'jp', valuesHolder: 'lu' },
      { rho: Rational.of(1, 11) },
      { declaredSize: 321 },
      { minimumCell: 5 },
      { measures: [{ name: 'people', kind: 'sum', bound: 1n }] },
      { cardinality: { epsilon: Rational.of(1, 3), delta: Rational.of(1, 1000) } },
    ];
    for (const changes of others) notEqual(linkedPlanDigest(planOf(changes)), digest);
  });

  test('sums and noise that do not fit t are refused before anything is charged', () => {
    const measures = [{ name: 'cost', kind: 'sum' as const, bound: 2n ** 31n }];
    throws(() => planOf({ measures, rho: Rational.of(100) }), { code: 'PLAINTEXT_RANGE' });
  });

  test.each<[string, Partial<LinkedRequest>]>([
    ['one holder in both roles', { valuesHolder: 'lu' }],
    ['no groups', { groups: [] }],
    ['a group twice', { groups: ['F', 'F'] }],
    ['more cells than groups', { cellsPerPerson: 3 }],
    ['no measure', { measures: [] }],
    ['a count of two', { measures: [{ name: 'n', kind: 'count', bound: 2n }] }],
    ['a bound of zero', { measures: [{ name: 'n', kind: 'sum', bound: 0n }] }],
    ['no rho', { rho: Rational.ZERO }],
    ['nobody', { declaredSize: 0 }],
    ['a fraction of a person', { declaredSize: 2.5 }],
  ])('%s is refused', (_, changes) => {
    throws(() => planOf(changes), { code: 'INVALID_PARAMETER' });
  });
});
