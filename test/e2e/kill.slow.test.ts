/** Kill -9 of a holder after each durable step of a run, and of the sandbox in the middle of one. */
import { strictEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { chargedOnce, dieAt } from '../support/die-at.ts';
import { Institutions } from '../support/institutions.ts';

const STEPS = [
  'run-key',
  'noise-ticket',
  'ledger/reserve',
  'reservation',
  'ledger/touch',
  'ledger/vector',
  'contribution',
  'share',
  'ledger/settle',
];

describe('a holder killed', () => {
  for (const step of STEPS) test(`after ${step}`, () => dieAt(step), 120_000);
});

test('the sandbox killed in the middle of a run', async () => {
  const here = new Institutions();
  const { sandbox } = await here.open();
  const asked = here.ask();
  await sleep(1_500);
  await sandbox.kill('SIGKILL');
  await here.sandbox();
  const first = await asked;
  // The client that asked may have lost its answer with the sandbox; the run has not.
  const { code, err } = first.code === 0 ? first : await here.ask();
  strictEqual(code, 0, err);
  await chargedOnce(here);
}, 120_000);
