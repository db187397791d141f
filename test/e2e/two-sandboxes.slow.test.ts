/** Two processes of a sandbox on one PostgreSQL behind one address: they share the load, and either may die. */
import { ok, strictEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { chargedOnce } from '../support/die-at.ts';
import type { Answer } from '../support/institutions.ts';
import { hasPostgres } from '../support/postgres.ts';
import { SharedSandbox } from '../support/shared-sandbox.ts';

/** The client that asked may have lost its connection with the process; the run has not. */
async function answered(here: SharedSandbox, asked: Promise<Answer>): Promise<void> {
  const first = await asked;
  const { code, err } = first.code === 0 ? first : await here.ask();
  strictEqual(code, 0, err);
  await chargedOnce(here);
}

describe.skipIf(!hasPostgres)('two processes of a sandbox', () => {
  test('both take requests, and a run completes', async () => {
    const here = new SharedSandbox();
    const { balancer } = await here.shared();
    const { code, err } = await here.ask();
    strictEqual(code, 0, err);
    await chargedOnce(here);
    strictEqual(balancer.given.size, 2, 'one process had every connection');
    ok([...balancer.given.values()].every((connections) => connections > 1));
  }, 120_000);

  test('the one that drives a run is killed: the other takes it over', async () => {
    const here = new SharedSandbox();
    const { processes } = await here.shared({}, 'run/computing');
    const asked = here.ask();
    const dead = await Promise.race(processes.map(({ gone }) => gone));
    strictEqual(dead, 'SIGKILL');
    await answered(here, asked);
  }, 120_000);

  for (const index of [0, 1] as const) {
    test(`process ${index + 1} is killed in the middle of a run`, async () => {
      const here = new SharedSandbox();
      const { processes } = await here.shared();
      const asked = here.ask();
      await sleep(1500);
      await processes[index].kill('SIGKILL');
      await answered(here, asked);
    }, 120_000);
  }
});
