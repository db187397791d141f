/**
 * A study is amended by its stewards, over real processes and the shipped command: an analyst is added, whose
 * query then runs, and removed, whose query is refused; what is spent stays spent; an older version, a second
 * amendment and one with the signatures of one holder are refused by name.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { Amending, codeOf } from '../support/amending.ts';
import { command, json } from '../support/institutions.ts';

test('an analyst is added and removed, budgets go on, replays and forks are refused', async () => {
  const here = new Amending();
  await here.open({ rho: '1/10' });
  const first = here.studyFile;
  strictEqual((await here.askAs('ana', first, '1/100')).code, 0);

  const { key } = await json(['keygen', here.at('keys', 'bob.pem')]);
  const second = await here.amend('v2', first, [
    '--add-analyst',
    `bob=${String(key)}`,
    '--budget',
    'lu=1/5',
  ]);
  // Positive control: a stranger before, and with one holder's signature after.
  strictEqual(codeOf(await here.askAs('bob', first, '1/50')), 'FORBIDDEN');
  const partly = await here.amend('v2-partly', first, ['--add-analyst', `bob=${String(key)}`], [
    'lu',
  ] as never);
  strictEqual(codeOf(await here.submitVersion(partly)), 'STUDY_UNSIGNED');
  const taken = await here.submitVersion(second);
  strictEqual(taken.code, 0, taken.out + taken.err);
  const asked = await here.askAs('bob', second, '1/50');
  strictEqual(asked.code, 0, asked.out + asked.err);
  for (const name of here.names) strictEqual(await here.spent(name), '3/100');

  const { agreement } = JSON.parse(taken.out) as { agreement: string };
  const { release } = JSON.parse(asked.out) as {
    release: { receipt: { holders: { attestation: Record<string, unknown> }[] } };
  };
  for (const { attestation } of release.receipt.holders) {
    deepStrictEqual(attestation['amended'], { agreement, previous: here.study });
  }
  // Only people changed: what was released before still answers, free, and names its own version.
  const again = await here.askAs('bob', second, '1/100');
  strictEqual(again.code, 0, again.out + again.err);
  for (const name of here.names) strictEqual(await here.spent(name), '3/100');
  strictEqual(codeOf(await here.askAs('ana', first, '1/40')), 'STUDY_AMENDED');
  strictEqual(codeOf(await here.submitVersion(first)), 'STUDY_AMENDED');
  const lu = await here.entries('lu');
  deepStrictEqual(
    lu.filter(({ type }) => type === 'amend').map(({ from, to, rho }) => [from, to, rho]),
    [[here.study, agreement, '1/5']],
  );
  ok(lu.some((entry) => entry['type'] === 'reserve' && entry['agreement'] === agreement));

  // Stewards of one holder take bob out: at their own holder at once, without the sandbox.
  const third = await here.amend('v3', second, ['--remove-analyst', 'bob'], ['lu']);
  const narrowed = await json(['study', 'accept', third, '--data', here.data('lu')]);
  strictEqual(narrowed['taken'], 'narrowed');
  const refused = await here.askAs('bob', second, '1/60');
  strictEqual(codeOf(refused), 'STUDY_NARROWED', refused.out + refused.err);
  const other = await here.askAs('ana', second, '1/60');
  strictEqual(other.code, 0, other.out + other.err);
  // The same to everybody, through the sandbox, and then as a version.
  strictEqual((await here.submitVersion(third)).code, 0);
  const whole = await here.sign(third, 'jp');
  const inForce = await here.submitVersion(whole);
  strictEqual(inForce.code, 0, inForce.out + inForce.err);
  strictEqual(codeOf(await here.askAs('bob', whole, '1/70')), 'FORBIDDEN');
  const last = await here.askAs('ana', whole, '1/70');
  strictEqual(last.code, 0, last.out + last.err);

  // An older version again, and two amendments of one version.
  strictEqual(codeOf(await here.submitVersion(second)), 'STUDY_AMENDED');
  const older = await command(['study', 'accept', second, '--data', here.data('jp'), '--json']);
  strictEqual(codeOf(older), 'STUDY_AMENDED');
  const [one, two] = [
    await here.amend('v4a', whole, ['--expires', '2098-12-31', '--add-operation', 'mean']),
    await here.amend('v4b', whole, ['--add-operation', 'sum']),
  ];
  const both = await Promise.all([here.submitVersion(one), here.submitVersion(two)]);
  deepStrictEqual(both.map(codeOf).sort(), ['AMENDMENT_CONFLICT', 'none']);
  // Signatures of one on the other prove nothing.
  const [a, b] = [one, two].map(
    (file) => JSON.parse(readFileSync(file, 'utf8')) as { signatures: unknown[] },
  );
  writeFileSync(here.at('mixed.json'), JSON.stringify({ ...a, signatures: b?.signatures }));
  strictEqual(codeOf(await here.submitVersion(here.at('mixed.json'))), 'SIGNATURE_REJECTED');

  const shown = await command(['study', 'show', one]);
  for (const words of [
    'analyst bob added',
    'analyst bob removed',
    'operation mean added',
    'budget of lu',
  ])
    ok(shown.out.includes(words), shown.out);
}, 240_000);
