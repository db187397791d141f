/**
 * A holder that is set back to a backup of before an amendment, over real processes: it goes on in the version that it
 * had accepted, with what was spent under it, and bound by what narrowed that version.
 */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'vitest';
import { Amending, codeOf } from '../support/amending.ts';
import { has, Restorable, until } from '../support/restorable.ts';

test('set back behind an amendment and a narrowing', async () => {
  const here = new Amending();
  const place = new Restorable(here);
  await place.open();
  mkdirSync(here.at('backups'), { mode: 0o700 });
  await place.backup('before');
  const first = here.studyFile;
  const second = await here.amend('v2', first, ['--budget', 'lu=1/5']);
  const taken = await here.submitVersion(second);
  strictEqual(taken.code, 0, taken.out + taken.err);
  const asked = await here.askAs('ana', second, '1/100');
  strictEqual(asked.code, 0, asked.out + asked.err);
  const third = await here.amend('v3', second, ['--budget', 'lu=1/50'], ['jp']);
  const narrowed = await here.submitVersion(third);
  strictEqual(narrowed.code, 0, narrowed.out + narrowed.err);
  // The control: it is bound before it is set back.
  strictEqual(codeOf(await here.askAs('ana', second, '1/60')), 'BUDGET_EXHAUSTED');

  await place.restore('before');
  await until('recovered', async () => has(await place.ledger('lu'), 'amend'));
  strictEqual(await here.spent('lu'), '1/100');
  const types = (await here.entries('lu')).map(({ type }) => type);
  deepStrictEqual(types.slice(-3), ['restore', 'recover', 'amend']);
  strictEqual(codeOf(await here.askAs('ana', first, '1/400')), 'STUDY_AMENDED');
  strictEqual(codeOf(await here.askAs('ana', second, '1/60')), 'BUDGET_EXHAUSTED');
  const again = await here.askAs('ana', second, '1/200');
  strictEqual(again.code, 0, again.out + again.err);
  for (const name of here.names) strictEqual(await here.spent(name), '3/200');
  place.tap.close();
}, 300_000);
