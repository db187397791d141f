/** What a linked run tells its two holders by agreement: the plain answer, of the people whom they have, and no more. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { DISCLOSED_STEP } from '../../../src/flows/linked/disclosed.ts';
import { ExactNoise } from '../../support/exact-noise.ts';
import { LinkedLab } from '../../support/linked-lab.ts';
import { cohorts } from './cohorts.ts';
import { both, disclosed, pieces } from './disclosing.ts';

describe('what two holders of 300 people are told', () => {
  test('set: who is in both, in one order at both; ledgers and release say so', async () => {
    using lab = await LinkedLab.open();
    const { run, body, told: tell } = await disclosed(lab, 'set');
    const [one, two] = await tell();
    deepStrictEqual(pieces(one.keys).sort(), [...both].sort());
    deepStrictEqual(one, two);
    equal(body.cells[0]?.value, 150);
    equal(body.privacy.linked?.output, 'set');
    ok(body.privacy.linked.disclosed.endsWith('by agreement who is in both, to both holders'));
    for (const { ledger } of [lab.a, lab.b]) {
      const booked = (await ledger.entries()).flatMap(({ body: entry }) => {
        return entry.type === 'reserve' && entry.run === run.run ? [entry.discloses] : [];
      });
      deepStrictEqual(booked, ['set']);
    }
  });

  test('cardinality: the number and nobody', async () => {
    using lab = await LinkedLab.open();
    const { told: tell } = await disclosed(lab, 'cardinality');
    const none = new Uint8Array(0);
    const expected = { output: 'cardinality', count: 150, keys: none, ids: none };
    deepStrictEqual(await tell(), [expected, expected]);
  });
});

describe('and what they are not told', () => {
  test('nothing where the released count is below the minimum', async () => {
    using lab = await LinkedLab.open({ minimumCell: 151 });
    const { body, told: tell } = await disclosed(lab, 'set');
    equal(body.cells[0]?.suppressed, true);
    await rejects(tell(), /none/);
  });

  test('no more often than the study says, and before data is touched', async () => {
    using lab = await LinkedLab.open({ disclosures: 1 });
    await disclosed(lab, 'cardinality');
    const again = lab.disclosingRun('set');
    await rejects(lab.release(cohorts(), ExactNoise, undefined, again), {
      code: 'DISCLOSURES_EXHAUSTED',
    });
    equal(await lab.a.ledger.touched(again.run), false);
  });

  test('a crash between the count and the answer ends the run: it is not said twice', async () => {
    using lab = await LinkedLab.open();
    const { run } = await disclosed(lab, 'set');
    lab.b.steps.stored.delete(`${run.run}/${DISCLOSED_STEP}`);
    await rejects(lab.release(cohorts(), ExactNoise, undefined, run), { code: 'RUN_INCOMPLETE' });
  });
});
