/** What happens to a linked run when a process dies, and that small cells are hidden. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { ExactNoise } from '../../support/exact-noise.ts';
import { LinkedLab, type Sandbox } from '../../support/linked-lab.ts';
import { cohorts, joined, value } from './cohorts.ts';

test('cells below the minimum size are hidden, counts and sums', async () => {
  const smaller = joined(0).people < joined(1).people ? 'F' : 'M';
  const minimumCell = Math.min(joined(0).people, joined(1).people) + 2;

  using strict = await LinkedLab.open({ minimumCell });
  const hidden = (await strict.release(cohorts(), ExactNoise)).body;
  deepStrictEqual([value(hidden, smaller, 'people'), value(hidden, smaller, 'days')], [null, null]);
});

describe('a process that dies', () => {
  const dying = async (holder: 'a' | 'b', step: string) => {
    const lab = await LinkedLab.open();
    const run = lab.nextRun();
    lab[holder].steps.dieAfter = step;
    await rejects(lab.release(cohorts(), ExactNoise, undefined, run), { code: 'SHUTTING_DOWN' });
    lab[holder].steps.dieAfter = undefined;
    return { lab, run };
  };

  test.each(['a', 'b'] as const)(
    '%s, once it has begun: the run is over, its charge stays',
    async (holder) => {
      const { lab, run } = await dying(holder, 'linked-begun');
      using _ = lab;
      await rejects(lab.release(cohorts(), ExactNoise, undefined, run), { code: 'RUN_INCOMPLETE' });
      equal((await lab.a.ledger.account(lab.study.id)).left.rho.compare(Rational.of(1000)), -1);
      // Another signed query is another run, with other noise and another charge.
      const { body } = await lab.release(cohorts(), ExactNoise);
      equal(value(body, 'F', 'people'), joined(0).people);
    },
  );

  test('B, once it has answered, goes on with the vector of A; asked again both attest the same', async () => {
    const { lab, run } = await dying('b', 'linked-answered');
    using _ = lab;
    const idle: Sandbox = () => Promise.resolve();
    const again = await lab.release(cohorts(), ExactNoise, idle, run);
    equal(again.digests[0], again.digests[1]);
    equal(value(again.body, 'M', 'people'), joined(1).people);
    const { spent } = await lab.b.ledger.account(lab.study.id);
    deepStrictEqual(spent.rho, run.plan.rho);
    deepStrictEqual((await lab.release(cohorts(), ExactNoise, idle, run)).digests, again.digests);
  });
});
