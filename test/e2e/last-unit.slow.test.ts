/**
 * Fifty queries at once, over HTTP, for the last of a budget: one is released, the others are refused
 * free. The unit is the last of one holder: two ledgers that are both down to it may refuse everybody,
 * each having reserved for another run.
 */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { KakehashiClient } from '../../src/client/client.ts';
import { loadKey } from '../../src/engine/keys.ts';
import { Institutions, QUERY } from '../support/institutions.ts';
import { hasPostgres } from '../support/postgres.ts';
import { SharedSandbox } from '../support/shared-sandbox.ts';

const COUNT = 50;
const OPTIONS = {
  draft: {
    budget: { lu: { rho: QUERY.rho, delta: '0/1' }, jp: { rho: '1/1', delta: '0/1' } },
  },
  settings: { requestsPerMinute: 1_000_000 },
};
const FINAL = ['released', 'refused', 'aborted', 'incomplete', 'stopped'];

async function ending(client: KakehashiClient, run: string): Promise<string> {
  for (;;) {
    const { state, problem } = await client.runState(run);
    if (FINAL.includes(state)) {
      const { type = '' } = (problem ?? {}) as { readonly type?: string };
      return `${state} ${type}`.trim();
    }
    await sleep(1000);
  }
}

async function lastUnit(here: Institutions): Promise<void> {
  const key = await loadKey(here.at('keys', 'ana.pem'));
  const client = new KakehashiClient({ sandbox: here.url, key });
  try {
    const { study } = await client.study(here.study);
    const queries = Array.from({ length: COUNT }, (_, i) => ({
      ...QUERY,
      where: { all: [{ column: 'age', ge: i + 1 }] },
    }));
    const submitted = await Promise.all(queries.map((query) => client.submitQuery(study, query)));
    const runs = await Promise.all(submitted.map(({ query }) => client.run(query)));
    strictEqual(new Set(runs.map(({ run }) => run)).size, COUNT);
    const ended = await Promise.all(runs.map(({ run }) => ending(client, run)));
    const refused = 'refused urn:kakehashi:problem:BUDGET_EXHAUSTED';
    deepStrictEqual(
      ended.filter((end) => end !== refused),
      ['released'],
    );
    for (const name of here.names) {
      const { spent, reserved } = await here.ledger(name);
      deepStrictEqual(
        { spent, reserved },
        {
          spent: { rho: QUERY.rho, delta: '0/1' },
          reserved: { rho: '0/1', delta: '0/1' },
        },
      );
    }
  } finally {
    await client.close();
  }
}

test('SQLite: exactly one succeeds', async () => {
  const here = new Institutions();
  await here.open(OPTIONS);
  await lastUnit(here);
}, 300_000);

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  test('over two processes of the sandbox, exactly one succeeds', async () => {
    const here = new SharedSandbox();
    await here.shared(OPTIONS);
    await lastUnit(here);
  }, 300_000);
});
