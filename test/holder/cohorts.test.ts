/**
 * Budget belongs to persons (rulings 17): loads, copies and withdrawals at a holder's desk, with its real
 * ledger, register and cohort files. A query is stood for by its reservation.
 */
import { deepStrictEqual, equal, notEqual, ok, rejects } from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { verifyObject } from '../../src/base/sign.ts';
import { refusal } from '../support/refusal.ts';
import { type DeskLab, deskLab } from './desk-lab.ts';

const csv = (ids: readonly string[], sex = 'F'): string =>
  `patient_id,sex,age\n${ids.map((id) => `${id},${sex},40\n`).join('')}`;
const people = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `P${from + i}`);

const spentIn = async (lab: DeskLab, epoch: number): Promise<string> => {
  const { reserved, spent } = (await lab.ledger.state()).epochs.get(epoch) ?? {};
  return `${reserved?.rho.toString()} ${spent?.rho.toString()}`;
};

describe('epochs of persons', () => {
  test('people never seen open an epoch; the same ones in any file and order do not', async () => {
    const lab = await deskLab();
    deepStrictEqual(await lab.load(csv(people(0, 10))), [1]);
    await lab.spend('1/4');
    deepStrictEqual(await lab.load(csv(people(0, 10).toReversed(), 'M')), [1]);
    equal(await spentIn(lab, 1), '0/1 1/4');
  });

  test('a new version inherits what every person of it bore; a query is charged in each epoch', async () => {
    const lab = await deskLab();
    await lab.load(csv(people(0, 10)));
    await lab.spend('1/4');
    deepStrictEqual(await lab.load(csv(people(9, 20))), [1, 2]);
    await lab.spend('1/8');
    deepStrictEqual([await spentIn(lab, 1), await spentIn(lab, 2)], ['0/1 3/8', '0/1 1/8']);
    deepStrictEqual(await lab.load(csv(people(10, 20))), [2]);
    deepStrictEqual(await lab.load(csv(people(20, 30))), [3]);
    equal(await spentIn(lab, 3), '0/1 0/1');
  });

  test('attack: a copied or renamed data set has the budget of its people, in every study', async () => {
    const lab = await deskLab({ epochLimit: '1/2' });
    await lab.load(csv(people(0, 10)));
    await lab.spend('3/8');
    const other = await lab.accept('another study of the same people');
    deepStrictEqual(
      await lab.load(csv(people(0, 10), 'M'), { study: other, name: 'copy.csv' }),
      [1],
    );
    await rejects(lab.spend('1/4', other), refusal('EPOCH_LIMIT_EXHAUSTED'));
    await lab.spend('1/8', other);
    // Control: people that were never loaded have their own.
    deepStrictEqual(await lab.load(csv(people(50, 60)), { study: other }), [2]);
    await lab.spend('1/4', other);
  });

  test('a reservation for the rows before refuses to touch others, and is free', async () => {
    const lab = await deskLab();
    await lab.load(csv(people(0, 10)));
    const run = await lab.reserve('1/4');
    await lab.load(csv(people(0, 12)));
    await rejects(lab.ledger.touch(run), refusal('COHORT_CHANGED'));
    await lab.ledger.abort(run);
    deepStrictEqual([await spentIn(lab, 1), await spentIn(lab, 2)], ['0/1 0/1', '0/1 0/1']);
  });

  test('attack: a register deleted, set back or edited is found out before a load is booked', async () => {
    const lab = await deskLab();
    const register = path.join(lab.directory, 'cohorts', 'people.duckdb');
    await lab.load(csv(people(0, 10)));
    const before = readFileSync(register);
    await lab.load(csv(people(0, 12)));
    const good = readFileSync(register);
    writeFileSync(register, before);
    await rejects(lab.load(csv(people(0, 13))), refusal('DATA_DIRECTORY_DAMAGED'));
    rmSync(register);
    await rejects(lab.load(csv(people(0, 13))), refusal('DATA_DIRECTORY_DAMAGED'));
    writeFileSync(register, good);
    deepStrictEqual(await lab.load(csv(people(0, 13))), [1, 2, 3]);
  });

  test('no identifier is in the register or in a cohort file', async () => {
    const lab = await deskLab();
    await lab.load(csv(['CANARY-1', 'CANARY-2']));
    await lab.withdraw('CANARY-2\n');
    for (const file of readdirSync(path.join(lab.directory, 'cohorts'))) {
      const bytes = readFileSync(path.join(lab.directory, 'cohorts', file)).toString('latin1');
      equal(bytes.includes('CANARY'), false, file);
    }
  });
});

describe('a crash while rows are exchanged', () => {
  test('before the ledger booked it: the rows before stand, and the next load is as if nothing was', async () => {
    const lab = await deskLab();
    await lab.load(csv(people(0, 10)));
    lab.failBooking = true;
    await rejects(lab.load(csv(people(5, 20))));
    lab.failBooking = false;
    await lab.desk.settle();
    equal((await lab.count()).people, 10);
    deepStrictEqual(await lab.load(csv(people(5, 21))), [1, 2]);
  });

  test('after the ledger booked it: the new rows are put in place at the next start', async () => {
    const lab = await deskLab();
    await lab.load(csv(people(0, 10)));
    lab.failPlacing = true;
    await rejects(lab.load(csv(people(5, 20))));
    lab.failPlacing = false;
    notEqual((await lab.count()).people, 15);
    await lab.desk.settle();
    equal((await lab.count()).people, 15);
  });
});

describe('withdrawals', () => {
  test('the next plan does not count who withdrew, in any study; later loads do not either', async () => {
    const lab = await deskLab();
    await lab.load(csv(people(0, 10)));
    const other = await lab.accept('another');
    await lab.load(csv(people(5, 15), 'M'), { study: other });
    const report = await lab.withdraw(' P7 \nP3\n\nP99\n');
    deepStrictEqual([report.people, report.known], [3, 2]);
    deepStrictEqual([...report.cohorts].map(({ people: n }) => n).sort(), [1, 2]);
    equal((await lab.count()).people, 8);
    equal((await lab.count(other)).people, 9);
    await lab.load(csv(people(0, 11)));
    equal((await lab.count()).people, 9);
    deepStrictEqual((await lab.withdraw('P7\n')).people, 0);
  });

  test('nothing but rows changes: version, ledger and vector keys are those of before', async () => {
    const lab = await deskLab();
    await lab.load(csv(people(0, 10)));
    const before = await lab.count();
    const head = await lab.ledger.head();
    await lab.withdraw('P1\n');
    const { version } = await lab.count();
    equal(version, before.version);
    deepStrictEqual(await lab.ledger.head(), head);
  });

  test('who objected before ever being loaded is not loaded, and opens no epoch', async () => {
    const lab = await deskLab();
    await lab.load(csv(['A', 'B']));
    await lab.withdraw('C\n');
    deepStrictEqual(await lab.load(csv(['A', 'C'])), [1]);
    equal((await lab.count()).people, 1);
    await rejects(lab.load(csv(['C'])), refusal('COHORT_EMPTY'));
  });

  test('what an interrupted withdrawal left is done at the next start', async () => {
    const lab = await deskLab();
    await lab.load(csv(people(0, 10)));
    const file = path.join(lab.directory, 'cohorts', `${lab.study.id}.duckdb`);
    const before = readFileSync(file);
    await lab.withdraw('P1\n');
    writeFileSync(file, before);
    await lab.desk.settle();
    equal((await lab.count()).people, 9);
  });
});

describe('retention', () => {
  test('rows go with the last day, with a signed statement; what their people bore stays', async () => {
    const lab = await deskLab({ epochLimit: '1/2' });
    await lab.load(csv(people(0, 10)), { keepUntil: '2026-06-30' });
    await lab.spend('1/2');
    lab.now = new Date('2026-06-30T23:59:59Z');
    await lab.desk.settle();
    equal((await lab.count()).people, 10);
    lab.now = new Date('2026-07-01T00:00:00Z');
    await lab.desk.settle();
    equal(existsSync(path.join(lab.directory, 'cohorts', `${lab.study.id}.duckdb`)), false);
    const [kept] = await lab.people.deletions();
    ok(kept !== undefined);
    const { deletion, key, signature } = JSON.parse(kept.statement) as {
      deletion: object;
      key: string;
      signature: string;
    };
    equal(key, lab.key.publicText);
    ok(verifyObject(key, 'kakehashi/cohort-deletion/1', deletion, signature));
    await rejects(lab.spend('1/100'), refusal('COHORT_CHANGED'));
    deepStrictEqual(await lab.load(csv(people(0, 10))), [1]);
    await rejects(lab.spend('1/100'), refusal('EPOCH_LIMIT_EXHAUSTED'));
  });

  test('what was disclosed about its people goes with them, also where the deletion was cut off', async () => {
    const lab = await deskLab();
    const told = async (): Promise<boolean> =>
      ((await lab.desk.disclosures(lab.study.id))['runs'] as { told: boolean }[])[0]!.told;
    await lab.load(csv(people(0, 10)), { keepUntil: '2026-06-30' });
    await lab.disclose();
    equal(await told(), true);
    lab.now = new Date('2026-07-01T00:00:00Z');
    await lab.desk.settle();
    equal(await told(), false);

    lab.now = new Date('2026-07-01T00:01:00Z');
    await lab.load(csv(people(0, 10)));
    await lab.disclose();
    // Booked as deleted, and no more: killed there.
    await lab.ledger.unload(lab.study.id);
    await lab.desk.settle();
    equal(await told(), false);
  });

  test('a deletion that was cut off behind its booking ends with its statement, once', async () => {
    const lab = await deskLab();
    const file = path.join(lab.directory, 'cohorts', `${lab.study.id}.duckdb`);
    const statements = async (): Promise<unknown[]> =>
      (await lab.people.deletions()).map(({ statement }) => {
        const { deletion, key, signature } = JSON.parse(statement) as Record<string, string>;
        const signed = verifyObject(
          key ?? '',
          'kakehashi/cohort-deletion/1',
          deletion,
          signature ?? '',
        );
        return [(deletion as unknown as { version: string }).version, signed];
      });
    await lab.load(csv(people(0, 10)), { keepUntil: '2026-12-31' });
    const { version } = await lab.count();
    // Killed there, long before its last day.
    await lab.ledger.unload(lab.study.id);
    await lab.desk.settle();
    equal(existsSync(file), false);
    await lab.desk.settle();
    deepStrictEqual(await statements(), [[version, true]]);

    // Its last day went with it.
    await lab.load(csv(people(0, 9)));
    lab.now = new Date('2027-01-01T00:00:00Z');
    await lab.desk.settle();
    const { version: next } = await lab.count();
    // What is no file cannot be removed as one.
    mkdirSync(path.join(`${file}.wal`, 'in'), { recursive: true });
    await rejects(lab.desk.deleteCohort(lab.study.id), refusal('FILE_NOT_REMOVED'));
    await rejects(lab.desk.expire(), refusal('FILE_NOT_REMOVED'));
    // A start goes on: nothing reads the rows any more.
    await lab.desk.settle();
    equal(await lab.shelf.booked(lab.study.id), undefined);
    rmSync(`${file}.wal`, { recursive: true });
    const { finished, deleted } = await lab.desk.expire();
    deepStrictEqual([finished.length, deleted.length], [1, 0]);
    deepStrictEqual(await statements(), [
      [version, true],
      [next, true],
    ]);
    await rejects(lab.desk.deleteCohort(lab.study.id), refusal('COHORT_MISSING'));

    await lab.load(csv(people(0, 10)));
    await lab.ledger.unload(lab.study.id);
    // Its staff asks once more, before the next look at what is due.
    equal((await lab.desk.deleteCohort(lab.study.id))['key'], lab.key.publicText);
    deepStrictEqual((await lab.desk.expire()).finished, []);
    // Others took their place before it was said: nothing is left of them.
    await lab.load(csv(people(0, 9)));
    await lab.ledger.unload(lab.study.id);
    await lab.load(csv(people(0, 10)));
    deepStrictEqual((await lab.desk.expire()).finished, []);
    equal((await lab.count()).people, 10);
  });

  test('nothing to delete, and a last day that is none', async () => {
    const lab = await deskLab();
    await rejects(lab.desk.deleteCohort(lab.study.id), refusal('COHORT_MISSING'));
    const load = lab.load(csv(['A']), { keepUntil: '2026-02-31' });
    await rejects(load, refusal('INVALID_PARAMETER'));
  });
});
