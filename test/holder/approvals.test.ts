/** Queries that wait for stewards, over a real holder's supervisor: what lets them run and what does not. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Digest } from '../../src/base/hash.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { compileRun } from '../../src/flows/pooled/compile-run.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { planApproval, signPlanApproval, type Verdict } from '../../src/study/plan-approval.ts';
import { refusal } from '../support/refusal.ts';
import { signedQuery } from '../support/study.ts';
import { type DeskLab, deskLab } from './desk-lab.ts';

const never = new Promise<never>(() => undefined);

async function waitingLab() {
  const second = SigningKey.generate();
  const revoked: string[] = [];
  const lab = await deskLab({ approval: { above: '1/10', stewards: 2 }, second, revoked });
  // Signed queries expire by the clock of the machine.
  lab.now = new Date();
  const first = lab.keys.steward.get('lu') as SigningKey;
  const asked = async (rho: string) => {
    const request = { query: signedQuery(lab.study, lab.keys, { rho }), attempt: 1, epoch: 1 };
    const run = compileRun(lab.study, request);
    await lab.runs.keepRun({
      id: run.run,
      study: lab.study.id,
      request: JSON.stringify(request),
      accepted_at: lab.now.toISOString(),
    });
    return run;
  };
  return { lab, first, second, asked, revoked };
}

const sign = (
  study: Study,
  { planDigest, plan }: { planDigest: Digest; plan: { rho: { toString(): string } } },
  key: SigningKey,
  verdict: Verdict = 'approve',
): string =>
  signPlanApproval(
    planApproval({
      study: study.id,
      plan: planDigest,
      rho: plan.rho.toString(),
      holder: 'lu',
      verdict,
    }),
    key,
  );

type Run = Awaited<ReturnType<Awaited<ReturnType<typeof waitingLab>>['asked']>>;
const decide = (lab: DeskLab, run: Run, key: SigningKey, verdict: Verdict = 'approve') =>
  lab.approvals.decide(run.run, key.publicText, verdict, sign(lab.study, run, key, verdict));

describe('a query above the threshold', () => {
  test('waits until two stewards have approved exactly this plan', async () => {
    const { lab, first, second, asked } = await waitingLab();
    const run = await asked('1/5');
    let passed = false;
    const waiting = lab.approvals.wait(run, never).then(() => {
      passed = true;
    });
    deepStrictEqual(
      (await lab.approvals.pending()).map(({ run: id, given, need, rho }) => [
        id,
        given,
        need,
        rho,
      ]),
      [[run.run, 0, 2, '1/5']],
    );
    equal((await decide(lab, run, first)).given, 1);
    // The same steward again is the same pair of eyes.
    equal((await decide(lab, run, first)).given, 1);
    await Promise.resolve();
    equal(passed, false);
    await decide(lab, run, second);
    await waiting;
  });

  test('one at or below it does not wait', async () => {
    const { lab, asked } = await waitingLab();
    await lab.approvals.wait(await asked('1/10'), never);
    deepStrictEqual(await lab.approvals.pending(), []);
  });

  test('attack: plan A approved and plan B run', async () => {
    const { lab, first, second, asked } = await waitingLab();
    const [a, b] = [await asked('1/5'), await asked('2/5')];
    for (const key of [first, second]) {
      const moved = sign(lab.study, a, key);
      const forB = () => lab.approvals.decide(b.run, key.publicText, 'approve', moved);
      await rejects(forB, refusal('SIGNATURE_REJECTED'));
      await decide(lab, a, key);
    }
    await lab.approvals.wait(a, never);
    const ended = Promise.reject(new Error('still waiting'));
    await rejects(lab.approvals.wait(b, ended), /still waiting/);
  });

  test('attack: self-approval: the analyst, a steward of the other holder, a stranger', async () => {
    const { lab, asked } = await waitingLab();
    const run = await asked('1/5');
    for (const key of [lab.keys.analyst, lab.keys.steward.get('jp'), SigningKey.generate()]) {
      await rejects(() => decide(lab, run, key as SigningKey), refusal('FORBIDDEN'));
    }
  });

  test('a steward whose key was revoked: what it approved counts no more, and it approves nothing', async () => {
    const { lab, first, second, asked, revoked } = await waitingLab();
    const run = await asked('1/5');
    equal((await decide(lab, run, second)).given, 1);
    revoked.push(second.publicText);
    await rejects(() => decide(lab, run, second), refusal('FORBIDDEN'));
    equal((await decide(lab, run, first)).given, 1);
    const ended = Promise.reject(new Error('still waiting'));
    await rejects(lab.approvals.wait(run, ended), /still waiting/);
  });

  test('an approval serves one charge; a run that was aborted free gives it back', async () => {
    const { lab, first, second, asked } = await waitingLab();
    const run = await asked('1/5');
    for (const key of [first, second]) await decide(lab, run, key);
    await lab.approvals.wait(run, never);
    await lab.load('patient_id,sex,age\n1,F,40\n');
    await lab.reserveRun(run);
    const again = { ...run, run: 'f'.repeat(64) };
    const still = () => lab.approvals.wait(again, Promise.reject(new Error('still waiting')));
    await rejects(still(), /still waiting/);
    await lab.ledger.abort(run.run);
    await lab.approvals.wait(again, never);
  });

  test('a denial ends the run, and only that one', async () => {
    const { lab, first, second, asked } = await waitingLab();
    const run = await asked('1/5');
    const waiting = rejects(lab.approvals.wait(run, never), refusal('APPROVAL_DENIED'));
    await decide(lab, run, first, 'deny');
    await waiting;
    await lab.runs.endRun(run.run, 'ended', 'APPROVAL_DENIED');
    await rejects(() => decide(lab, run, second), refusal('NOT_FOUND'));
    const again = { ...run, run: 'f'.repeat(64) };
    await rejects(
      lab.approvals.wait(again, Promise.reject(new Error('still waiting'))),
      /still waiting/,
    );
  });
});
