/** A run with its program in the sandbox, killed at every durable step, on either side. */
import { ok, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Institutions, type KillAt } from '../support/institutions.ts';
import {
  plain,
  pooledOf,
  type Released,
  settled,
  statementOf,
} from '../support/sandboxed-institutions.ts';

/** Who dies, and where; the answer and the charge are those of a run in which nobody did. */
describe.each<[string, 'sandbox' | 'lu', string]>([
  ['when an upload is opened', 'sandbox', 'upload/opened'],
  ['when a key is destroyed', 'sandbox', 'upload/destroyed'],
  ['when the statement is there', 'sandbox', 'upload/statement'],
  ['when it has touched data', 'lu', 'ledger/touch'],
])('a kill %s', (_, who, step) => {
  test(`of ${who}: one charge, and the answer of the rows`, async () => {
    const { options, query, push } = plain();
    const here = new Institutions();
    await here.prepare(options);
    const at = (name: string): KillAt | undefined => (name === who ? step : undefined);
    const sandbox = await here.sandbox(at('sandbox'));
    const [lu] = await Promise.all([here.holder('lu', at('lu')), here.holder('jp')]);
    await here.submit();
    await Promise.all(here.names.map((name) => here.load(name)));
    await push(here);
    const asked = here.ask(query, 200);
    strictEqual(await (who === 'sandbox' ? sandbox : lu).gone, 'SIGKILL');
    await (who === 'sandbox' ? here.sandbox() : here.holder('lu'));
    const { code, out, err } = await settled(here, query, asked);
    strictEqual(code, 0, err);
    ok(pooledOf(out) > 75, out);
    for (const name of here.names) {
      const { spent } = (await here.ledger(name)) as { spent: { rho: string } };
      strictEqual(spent.rho, '1/1');
    }
    const { run } = (JSON.parse(out) as Released).release.receipt;
    strictEqual((await statementOf(here, run)).erasure.of.id, run);
  }, 300_000);
});
