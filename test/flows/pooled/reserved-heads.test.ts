/** What the sandbox waits for before anybody computes, in the flow of every kind of run. */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { reservedHeads } from '../../../src/flows/pooled/assemble.ts';
import { encodeReservation } from '../../../src/flows/pooled/reservation.ts';
import { acceptedStudy, compiledRun, studyKeys } from '../../support/study.ts';

const keys = studyKeys(['lu', 'jp']);
const query = { groupBy: ['sex'], measures: [{ name: 'people', count: true }], rho: '1/100' };

async function stepsWith(approvals: number): Promise<string[]> {
  const run = { ...compiledRun(acceptedStudy(keys), keys, query), approvals };
  const none = { rho: '0/1', delta: '0/1' };
  const steps: string[] = [];
  const heads = await reservedHeads(run, {
    progress: (state) => {
      steps.push(state);
      return Promise.resolve();
    },
    relay: {
      receive: (kind, from) => {
        steps.push(`${kind} of ${from}`);
        const head = { sequence: 1, hash: 'a'.repeat(64) };
        const { run: id, planDigest: plan } = run;
        const rho = run.plan.rho.toString();
        const account = { spent: none, left: none };
        return Promise.resolve(
          encodeReservation({ run: id, plan, rho, charged: true, head, account }),
        );
      },
    },
  });
  deepStrictEqual([...heads.keys()].sort(), ['jp', 'lu']);
  return steps;
}

const RESERVING = ['reserving', 'reservation of jp', 'reservation of lu'];

test('a run that needs no approval reserves', async () => {
  deepStrictEqual(await stepsWith(0), RESERVING);
});

test('a run that needs it says so until every holder has shown its plan', async () => {
  deepStrictEqual(await stepsWith(2), [
    'waiting for approval',
    'plan of jp',
    'plan of lu',
    ...RESERVING,
  ]);
});
