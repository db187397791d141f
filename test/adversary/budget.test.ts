/**
 * The attacks on the budget of the notes on governance, each named for the attack, each with a control that
 * shows what it would look like if the defence were missing. Self-approval, and plan A approved and plan B
 * run: test/study/grant.test.ts and test/holder/approvals.test.ts. A copied or renamed data set, and a
 * register set back: test/holder/cohorts.test.ts. Kills of real processes: test/e2e/kill.test.ts.
 */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { Refusal } from '../../src/base/errors.ts';
import { type Digest, sha256Hex } from '../../src/base/hash.ts';
import { Rational } from '../../src/base/rational.ts';
import {
  HOLDER_RUN_MIGRATIONS,
  HolderRuns,
  type HolderRunTables,
} from '../../src/engine/stores/holder-runs.ts';
import { LEDGER_MIGRATIONS, type LedgerTables } from '../../src/engine/stores/ledger-rows.ts';
import { StoredLedger } from '../../src/engine/stores/ledger-store.ts';
import { openStore } from '../../src/engine/sqlite/store.ts';
import type { ReserveRequest } from '../../src/flows/ports.ts';
import type { Limits } from '../../src/ledger/ceilings.ts';
import { checkHead } from '../../src/ledger/mirror.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';

const digest = (text: string): Digest => sha256Hex(utf8(text));
const amount = (rho: string) => ({ rho: Rational.parse(rho), delta: Rational.ZERO });
const STUDY = digest('study');
const VERSION = digest('version');

type Opened = { readonly ledger: StoredLedger; readonly file: string };

async function opened(
  granted: string,
  { limits = {}, now = () => new Date() }: { limits?: Limits; now?: () => Date } = {},
): Promise<Opened> {
  const file = path.join(scratch(), 'store.db');
  const store = openStore<LedgerTables>(file, LEDGER_MIGRATIONS);
  const ledger = new StoredLedger({ store, holder: 'lu', clock: { now }, limits });
  await ledger.grant(STUDY, amount(granted));
  await ledger.load(STUDY, { version: VERSION, epochs: [1], people: digest('people') });
  return { ledger, file };
}

const asked = (name: string, rho: string, more: Partial<ReserveRequest> = {}): ReserveRequest => ({
  study: STUDY,
  run: digest(name),
  planDigest: digest(`plan ${name}`),
  vectorKey: digest(`vector ${name}`),
  ticket: { sealedSeed: utf8(name), commitment: digest(`seed ${name}`) },
  version: VERSION,
  ...amount(rho),
  ...more,
});

const spent = async (ledger: StoredLedger): Promise<string> => {
  const account = await ledger.account(STUDY);
  return account.spent.rho.plus(account.reserved.rho).toString();
};

const CSV = `patient_id,sex,age\n${Array.from({ length: 9 }, (_, i) => `p${i},F,40\n`).join('')}`;
const QUERY = { groupBy: ['holder', 'sex'], rho: '1/4' };

describe('attacks on the budget', () => {
  test('50 parallel requests for the last unit', async () => {
    const { ledger, file } = await opened('1/50');
    const others = Array.from(
      { length: 4 },
      () =>
        new StoredLedger({
          store: openStore<LedgerTables>(file, LEDGER_MIGRATIONS),
          holder: 'lu',
          clock: { now: () => new Date() },
        }),
    );
    const all = [ledger, ...others];
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) =>
        (all[i % all.length] ?? ledger).reserve(asked(`run ${i}`, '1/50')),
      ),
    );
    equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    equal(await spent(ledger), '1/50');
    // Control: with room for fifty all of them pass, so the requests themselves were good.
    const wide = await opened('1/1');
    const passed = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => wide.ledger.reserve(asked(`run ${i}`, '1/50'))),
    );
    equal(passed.filter(({ status }) => status === 'fulfilled').length, 50);
  });

  for (const step of ['reservation', 'contribution', 'share']) {
    test(`a crash behind the ${step}: one charge, the same vector`, async () => {
      using lab = await PooledLab.open({ jp: CSV, lu: CSV });
      const [jp, lu] = lab.holders as [(typeof lab.holders)[0], (typeof lab.holders)[0]];
      lu.steps.dieAfter = step;
      const run = lab.compile(QUERY);
      const first = [lab.assemble(run), lab.hold(jp, run, ExactNoise)];
      await rejects(lab.hold(lu, run, ExactNoise), refusal('SHUTTING_DOWN'));
      const stored = (await lu.ledger.vector(run.run)) ?? '';
      lu.steps.dieAfter = undefined;
      await Promise.all([...first, lab.hold(lu, run, ExactNoise)]);
      equal((await lu.ledger.account(lab.study.id)).spent.rho.toString(), '1/4');
      if (step !== 'reservation') equal(await lu.ledger.vector(run.run), stored);
      deepStrictEqual(
        [...(await lu.ledger.state()).epochs].map(([, e]) => e.spent.rho.toString()),
        ['1/4'],
      );
    });
  }

  test('retry as the same run and as a new one: the first charge, and a free replay', async () => {
    using lab = await PooledLab.open({ jp: CSV, lu: CSV });
    const once = await lab.release(QUERY, ExactNoise);
    const again = await lab.release(QUERY, ExactNoise, 2);
    deepStrictEqual(again.body.cells, once.body.cells);
    for (const { ledger } of lab.holders) {
      equal((await ledger.account(lab.study.id)).spent.rho.toString(), '1/4');
    }
    // Control: another question is another charge.
    await lab.release({ ...QUERY, groupBy: ['holder'] }, ExactNoise);
    for (const { ledger } of lab.holders) {
      equal((await ledger.account(lab.study.id)).spent.rho.toString(), '1/2');
    }
  });

  test('cancel after noise was drawn: the charge stands, and the seed serves no other run', async () => {
    const { ledger } = await opened('1/1');
    await ledger.reserve(asked('a', '1/4'));
    await ledger.touch(digest('a'));
    await rejects(ledger.abort(digest('a')), refusal('PROTOCOL_STATE'));
    equal(await spent(ledger), '1/4');
    const reused = asked('b', '1/4', { ticket: asked('a', '1/4').ticket });
    await rejects(ledger.reserve(reused), refusal('CONFLICT'));
    // Control: before data is touched it is free; its seed is burnt all the same.
    await ledger.reserve(asked('c', '1/4'));
    await ledger.abort(digest('c'));
    equal(await spent(ledger), '1/4');
    const burnt = asked('d', '1/4', { ticket: asked('c', '1/4').ticket });
    await rejects(ledger.reserve(burnt), refusal('CONFLICT'));
  });

  test('a second account: study and people have one budget; an allowance of each shares it out', async () => {
    const ceilings = { analyst: amount('1/4') };
    const { ledger } = await opened('1/2', { limits: { epoch: amount('3/8') } });
    const by = (analyst: string, name: string, rho: string) =>
      ledger.reserve(asked(name, rho, { analyst, ceilings }));
    await by('ana', 'a', '1/4');
    await rejects(by('ana', 'b', '1/8'), refusal('ANALYST_LIMIT_EXHAUSTED'));
    // Control: the other account may still ask, and together they hit what protects people.
    await by('ben', 'c', '1/8');
    await rejects(by('ben', 'd', '1/8'), (error) => {
      ok(error instanceof Refusal);
      equal(error.code, 'EPOCH_LIMIT_EXHAUSTED');
      // What other studies spent is not the asker's to know.
      deepStrictEqual(error.fields, { holder: 'lu', asked: '1/8' });
      return true;
    });
  });

  test('an old ledger restored at one holder: the other one refuses the run', async () => {
    using lab = await PooledLab.open({ jp: CSV, lu: CSV });
    const [jp, lu] = lab.holders as [(typeof lab.holders)[0], (typeof lab.holders)[0]];
    const backup = scratch();
    lu.backUp(backup);
    await lab.release(QUERY, ExactNoise);
    await lu.restore(backup);
    const run = lab.compile({ ...QUERY, groupBy: ['holder'] });
    const held = lab.hold(lu, run, ExactNoise);
    held.catch(() => undefined);
    await rejects(lab.hold(jp, run, ExactNoise), refusal('LEDGER_ROLLBACK'));
    equal((await jp.ledger.account(lab.study.id)).spent.rho.toString(), '1/4');
  });

  test('a fork: two entries at one place of a ledger are never both believed', async () => {
    const store = openStore<HolderRunTables>(
      path.join(scratch(), 'store.db'),
      HOLDER_RUN_MIGRATIONS,
    );
    const mirrors = new HolderRuns(store);
    await mirrors.see('jp', { sequence: 4, hash: digest('one') });
    await mirrors.see('jp', { sequence: 4, hash: digest('one') });
    await rejects(
      async () => mirrors.see('jp', { sequence: 4, hash: digest('other') }),
      refusal('LEDGER_ROLLBACK'),
    );
    await mirrors.see('jp', { sequence: 9, hash: digest('nine') });
    // One that was seen before a later one, and shows itself at another hash, is found as well.
    await rejects(
      async () => mirrors.see('jp', { sequence: 4, hash: digest('other') }),
      refusal('LEDGER_ROLLBACK'),
    );
    checkHead({ sequence: 9, hash: digest('nine') }, { sequence: 10, hash: digest('ten') });
    await store.close();
  });

  test('the clock moved, either way: nothing is refreshed, nothing is given back', async () => {
    let now = new Date('2026-03-01T00:00:00Z');
    const { ledger } = await opened('1/4', {
      limits: { epoch: amount('1/4') },
      now: () => now,
    });
    await ledger.reserve(asked('a', '1/8'));
    await ledger.touch(digest('a'));
    await ledger.reserve(asked('b', '1/8'));
    for (const year of ['1970', '2027', '2099']) {
      now = new Date(`${year}-01-01T00:00:00Z`);
      await rejects(ledger.reserve(asked(`c ${year}`, '1/8')), refusal('BUDGET_EXHAUSTED'));
    }
    equal(await spent(ledger), '1/4');
  });

  test('a budget raise racing a query: never more than was granted, in any order', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { ledger, file } = await opened('1/10');
      const other = new StoredLedger({
        store: openStore<LedgerTables>(file, LEDGER_MIGRATIONS),
        holder: 'lu',
        clock: { now: () => new Date() },
      });
      const queries = Array.from({ length: 6 }, (_, i) =>
        (i % 2 === 0 ? ledger : other).reserve(asked(`${round} ${i}`, '1/20')),
      );
      const raises = [ledger, other, other].map((one) =>
        one.raise(STUDY, digest('grant'), amount('1/10')),
      );
      const mixed = round % 2 === 0 ? [...queries, ...raises] : [...raises, ...queries];
      const settled = await Promise.allSettled(mixed);
      const account = await ledger.account(STUDY);
      // Shown three times, at two processes: added once.
      equal(account.granted.rho.toString(), '1/5');
      const charged = settled.filter(
        ({ status, ...rest }) =>
          status === 'fulfilled' && 'value' in rest && rest.value !== undefined,
      ).length;
      ok(charged <= 4);
      equal(await spent(ledger), Rational.of(charged, 20).toString());
      // Control: what did not fit before the raise fits behind it.
      for (let i = charged; i < 4; i += 1)
        await ledger.reserve(asked(`${round} late ${i}`, '1/20'));
      await rejects(ledger.reserve(asked(`${round} last`, '1/20')), refusal('BUDGET_EXHAUSTED'));
    }
  });
});
