/**
 * Versions of a study at a holder: what the sandbox may try with an amendment, and what the ledger makes of one.
 * The positive control of each refusal is the same step with what is right.
 */
import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import path from 'node:path';
import { onTestFinished, test } from 'vitest';
import { canonicalBytes, type Json } from '../../src/base/canonical-json.ts';
import { Rational } from '../../src/base/rational.ts';
import { SigningKey } from '../../src/base/sign.ts';
import {
  HOLDER_NARROWING_MIGRATIONS,
  HolderNarrowings,
  type HolderNarrowingTables,
} from '../../src/engine/stores/holder-narrowings.ts';
import {
  HOLDER_RUN_MIGRATIONS,
  HolderRuns,
  type HolderRunTables,
} from '../../src/engine/stores/holder-runs.ts';
import { LEDGER_MIGRATIONS, type LedgerTables } from '../../src/engine/stores/ledger-rows.ts';
import { StoredLedger } from '../../src/engine/stores/ledger-store.ts';
import { openStore } from '../../src/engine/sqlite/store.ts';
import { compileRun, readRunRequest } from '../../src/flows/pooled/compile-run.ts';
import { Studies } from '../../src/holder/studies.ts';
import { localClock } from '../support/memory-ports.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';
import { amendedStudy, signedQuery, signedStudy, studyDraft, studyKeys } from '../support/study.ts';

type Draft = Record<string, Json>;

const keys = studyKeys(['jp', 'lu']);
const publicOf = (map: ReadonlyMap<string, SigningKey>, name: string): string =>
  map.get(name)?.publicText ?? '';
const D = (digit: string): string => digit.repeat(64);

function opened() {
  const store = openStore<HolderRunTables & LedgerTables & HolderNarrowingTables>(
    path.join(scratch(), 'store.db'),
    [...LEDGER_MIGRATIONS, ...HOLDER_RUN_MIGRATIONS, ...HOLDER_NARROWING_MIGRATIONS],
  );
  onTestFinished(() => store.close());
  const ledger = new StoredLedger({ store, holder: 'lu', clock: localClock });
  const make = () =>
    new Studies({
      holder: 'lu',
      identity: publicOf(keys.identity, 'lu'),
      others: { jp: publicOf(keys.identity, 'jp') },
      stewards: [publicOf(keys.steward, 'lu')],
      runs: new HolderRuns(store),
      narrowings: new HolderNarrowings(store),
      ledger,
      clock: localClock,
    });
  return { studies: make(), make, ledger };
}

const first = signedStudy(studyDraft(keys), keys);
const bob = SigningKey.generate().publicText;
const withBob = (draft: Draft): Draft => ({
  ...draft,
  analysts: [...(draft['analysts'] as Json[]), { name: 'bob', key: bob }],
});
const budget =
  (rho: string) =>
  (draft: Draft): Draft => ({
    ...draft,
    budget: { ...(draft['budget'] as Draft), lu: { rho, delta: '1/1000000' } },
  });
const take = (studies: Studies, signed: Json) => studies.take(canonicalBytes(signed));
const wide = amendedStudy(first, keys, withBob);

test('an amendment needs everybody: one holder alone, mixed signatures, another history', async () => {
  const { studies, ledger } = opened();
  // Before the study itself there is nothing to amend, but a version with its history stands alone.
  await take(studies, first);
  const own = amendedStudy(first, keys, withBob, ['lu']);
  await rejects(take(studies, own), refusal('STUDY_UNSIGNED'));
  const other = amendedStudy(first, keys, (d) => ({ ...d, title: 'B' })) as Draft;
  const mixed = { ...(wide as Draft), signatures: other['signatures'] ?? null };
  await rejects(take(studies, mixed), refusal('SIGNATURE_REJECTED'));
  const stranger = signedStudy(studyDraft(keys, { minimumCell: 3 }), keys) as Draft;
  const moved = { ...(wide as Draft), history: [stranger] };
  await rejects(take(studies, moved), refusal('INVALID_STUDY'));
  strictEqual((await ledger.entries()).length, 1);
  strictEqual(await take(studies, wide), 'accepted');
});

test('an older version again, a second amendment of one version, and the same once more', async () => {
  const { studies, make, ledger } = opened();
  await take(studies, first);
  await take(studies, wide);
  await rejects(take(studies, first), refusal('STUDY_AMENDED'));
  const rival = amendedStudy(first, keys, budget('5/1'));
  await rejects(take(studies, rival), refusal('AMENDMENT_CONFLICT'));
  strictEqual(await take(studies, wide), 'accepted');
  deepStrictEqual(
    (await ledger.entries()).map(({ body }) => body.type),
    ['grant', 'amend'],
  );
  // Two at once, from a sandbox that sends different ones: one is booked.
  const both = await Promise.allSettled(
    [budget('3/1'), budget('4/1')].map((change) => take(make(), amendedStudy(wide, keys, change))),
  );
  deepStrictEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const { length } = await ledger.entries();
  strictEqual(length, 3);
});

test('several versions that were kept back come at once; what is spent stays, less leaves nothing', async () => {
  const { studies, ledger } = opened();
  const { id } = await studies.accept(canonicalBytes(first));
  await ledger.load(id, { version: D('a'), epochs: [1], people: D('b') });
  const reserve = (run: string, rho: string, agreement?: string) =>
    ledger.reserve({
      study: id,
      run,
      planDigest: D('1'),
      vectorKey: run,
      rho: Rational.parse(rho),
      delta: Rational.parse('0/1'),
      version: D('a'),
      ticket: { commitment: run, sealedSeed: new Uint8Array(1) },
      ...(agreement !== undefined && { agreement }),
    });
  await reserve(D('c'), '3/4');
  const less = amendedStudy(wide, keys, budget('1/2'));
  const more = amendedStudy(less, keys, budget('2/1'));
  const { agreement } = await studies.accept(canonicalBytes(less));
  strictEqual((await ledger.account(id)).left.rho.toString(), '0/1');
  await rejects(reserve(D('d'), '1/8', agreement), refusal('BUDGET_EXHAUSTED'));
  // What an aborted run gives back is not left where the study allows less than is spent.
  await reserve(D('c'), '3/4');
  await rejects(reserve(D('e'), '1/8'), refusal('STUDY_AMENDED'));
  await rejects(reserve(D('e'), '1/8', D('9')), refusal('STUDY_AMENDED'));
  await ledger.abort(D('c'));
  strictEqual((await ledger.account(id)).left.rho.toString(), '1/2');
  const last = await studies.accept(canonicalBytes(more));
  await reserve(D('f'), '7/4', last.agreement);
  strictEqual((await ledger.account(id)).left.rho.toString(), '1/4');
  const named = (await ledger.entries()).flatMap(({ body }) =>
    body.type === 'reserve' ? [body.agreement] : [],
  );
  deepStrictEqual(named, [undefined, last.agreement]);
});

test('a narrowing binds at once what is not reserved, and ends with the version that is signed', async () => {
  const { studies } = opened();
  await take(studies, first);
  const study = await studies.accept(canonicalBytes(wide));
  const ana = signedQuery(study, keys, { rho: '1/100' });
  const request = readRunRequest({ query: ana, attempt: 1, epoch: 1 }, study, localClock.now());
  const run = compileRun(study, request);
  strictEqual(await studies.narrow(run, request), run);
  const without = amendedStudy(wide, keys, budget('1/2'), ['jp']);
  strictEqual(await take(studies, without), 'narrowed');
  const limit = (await studies.narrow(run, request)).ceilings.get('lu')?.study;
  strictEqual(limit?.rho.toString(), '1/2');
  const gone = amendedStudy(wide, keys, (d) => ({ ...d, analysts: [{ name: 'bob', key: bob }] }), [
    'lu',
  ]);
  strictEqual(await take(studies, gone), 'narrowed');
  await rejects(studies.narrow(run, request), refusal('STUDY_NARROWED'));
  strictEqual((await studies.open(study.id)).agreement, study.agreement);
  // Everybody signs something else: what narrowed the version before is over.
  const later = await studies.accept(
    canonicalBytes(amendedStudy(wide, keys, (d) => ({ ...d, title: 'Other' }))),
  );
  strictEqual((await studies.narrowings(later)).length, 0);
  await rejects(studies.narrow(run, request), refusal('STUDY_AMENDED'));
  ok(later.version === 3);
});
