/** Flow 2 end to end in one process: what is released is the plain join, and what it costs is booked. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { deal } from '../../../src/flows/linked/align.ts';
import { KIND, receiveLong } from '../../../src/flows/linked/wire.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { Frames } from '../../../src/psi/frames.ts';
import { align } from '../../../src/psi/tokens/alignment.ts';
import { shareMask } from '../../../src/psi/tokens/mask-shares.ts';
import { ExactNoise } from '../../support/exact-noise.ts';
import { keyOf, LinkedLab, type Sandbox } from '../../support/linked-lab.ts';
import { cohorts, days, joined, value } from './cohorts.ts';

describe('linked aggregate of 2 x 300 people', () => {
  test('count and sum by group are those of the plain join; both attest the same and are charged', async () => {
    using lab = await LinkedLab.open();
    const run = lab.nextRun();
    const { body, digests } = await lab.release(cohorts(), ExactNoise, undefined, run);
    equal(digests[0], digests[1]);
    ['F', 'M'].forEach((group, sex) => {
      const { people, total } = joined(sex);
      deepStrictEqual([value(body, group, 'people'), value(body, group, 'days')], [people, total]);
    });
    equal(
      body.privacy.linked?.disclosed,
      'membership disclosed to {sandbox, jp} and to {sandbox, lu}',
    );

    // Both ledgers are charged rho and delta, the dummies in them, and have settled.
    const { rho, link } = run.plan;
    for (const { ledger } of [lab.a, lab.b]) {
      const { spent, reserved } = await ledger.account(lab.study.id);
      deepStrictEqual([spent.rho, spent.delta], [rho, link?.dummies.delta]);
      equal(reserved.rho.sign(), 0);
    }
    equal(rho.compare(Rational.of(1, 10)), 1);
    equal(link?.dummies.delta.sign(), 1);
  });
});

describe('before and after', () => {
  test('amended: a run of the version before reserves nothing; one of the present version is charged', async () => {
    using lab = await LinkedLab.open();
    const stale = lab.nextRun();
    await lab.amend((draft) => ({ ...draft, title: 'Amended' }));
    const refused = lab.release(cohorts(), ExactNoise, () => Promise.resolve(), stale);
    await rejects(refused, { code: 'STUDY_AMENDED' });
    const run = lab.nextRun();
    const { body } = await lab.release(cohorts(), ExactNoise, undefined, run);
    equal(value(body, 'F', 'people'), joined(0).people);
    for (const { ledger } of [lab.a, lab.b]) {
      const { spent, reserved } = await ledger.account(lab.study.id);
      deepStrictEqual([spent.rho, reserved.rho.sign()], [run.plan.rho, 0]);
      equal(await ledger.touched(stale.run), false);
    }
  });

  test('without budget at one holder nobody touches data', async () => {
    using poor = await LinkedLab.open({ budget: { rho: '1/100', delta: '1/100' } });
    const run = poor.nextRun();
    const released = poor.release(cohorts(), ExactNoise, () => Promise.resolve(), run);
    await rejects(released, { code: 'BUDGET_EXHAUSTED' });
    equal(await poor.a.ledger.touched(run.run), false);
  });

  test('the sandbox counts dummies too; twins match nobody; values are cut', async () => {
    const { groups, values } = cohorts();
    // Person 200 has a twin at A, and person 201 nonsense at B.
    const keys = groups.keys.map((key, i) => (i === 0 ? keyOf(200) : key));
    values.values[0]?.set([Number.POSITIVE_INFINITY, Number.NaN, -5, 7.9], 51);
    const counted = [0, days[50] ?? 0, ...days.slice(51, 55)];
    const expected = joined(0).total + joined(1).total - counted.reduce((x, y) => x + y) + 400 + 7;

    using lab = await LinkedLab.open();
    const changed = { groups: { ...groups, keys }, values };
    let equalTokens = 0;
    const counting: Sandbox = async (plan, channels) => {
      const frames = { groups: new Frames(channels.groups), values: new Frames(channels.values) };
      const [ofA, ofB] = [
        await receiveLong(frames.groups, KIND.tokens, 16 * plan.length),
        await receiveLong(frames.values, KIND.tokens, 16 * plan.length),
      ];
      const { positions, matched } = align(ofA, ofB, systemRng);
      equalTokens = matched.reduce((sum, one) => sum + one, 0);
      await deal(frames, positions, shareMask(matched, systemRng));
    };
    const { body } = await lab.release(changed, ExactNoise, counting);
    // 149 people match, and between 0 and 2 T dummies do: T of them are never or all there with delta.
    const dummies = equalTokens - 149;
    ok(dummies > 0 && dummies < 2 * lab.plan.dummies.reach);
    equal((value(body, 'F', 'days') ?? 0) + (value(body, 'M', 'days') ?? 0), expected);
  });

  test('rows that cannot be read count as none, and nobody else is told', async () => {
    using lab = await LinkedLab.open();
    const { groups, values } = cohorts();
    const broken = { groups, values: { ...values, values: [new Float64Array(3)] } };
    const { body } = await lab.release(broken, ExactNoise);
    deepStrictEqual(
      ['F', 'M'].map((group) => value(body, group, 'people')),
      [0, 0],
    );
  });

  test('another plan at one holder ends the run before any charge', async () => {
    using lab = await LinkedLab.open();
    lab.network.tamper = (frame) =>
      frame.kind === 'plan' ? { ...frame, body: new Uint8Array(64).fill(0x61) } : frame;
    await rejects(lab.release(cohorts(), ExactNoise), { code: 'PLAN_MISMATCH' });
    equal((await lab.a.ledger.account(lab.study.id)).reserved.rho.sign(), 0);
  });
});
