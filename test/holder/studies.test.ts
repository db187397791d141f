/** What a holder accepts as a study, and everything that it does not. */
import { rejects, strictEqual } from 'node:assert/strict';
import path from 'node:path';
import { describe, onTestFinished, test } from 'vitest';
import { canonicalBytes, type Json } from '../../src/base/canonical-json.ts';
import type { ErrorCode } from '../../src/base/errors.ts';
import { SigningKey } from '../../src/base/sign.ts';
import {
  HOLDER_RUN_MIGRATIONS,
  HolderRuns,
  type HolderRunTables,
} from '../../src/engine/stores/holder-runs.ts';
import { LEDGER_MIGRATIONS, type LedgerTables } from '../../src/engine/stores/ledger-rows.ts';
import { StoredLedger } from '../../src/engine/stores/ledger-store.ts';
import { openStore } from '../../src/engine/sqlite/store.ts';
import { Studies, type StudiesOptions } from '../../src/holder/studies.ts';
import { localClock } from '../support/memory-ports.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';
import { signedStudy, studyDraft, studyKeys } from '../support/study.ts';

const keys = studyKeys(['jp', 'lu']);
const publicOf = (map: ReadonlyMap<string, SigningKey>, name: string): string =>
  map.get(name)?.publicText ?? '';

function opened(change: Partial<StudiesOptions> = {}): { studies: Studies; ledger: StoredLedger } {
  const store = openStore<HolderRunTables & LedgerTables>(path.join(scratch(), 'store.db'), [
    ...LEDGER_MIGRATIONS,
    ...HOLDER_RUN_MIGRATIONS,
  ]);
  onTestFinished(async () => {
    await store.close();
  });
  const ledger = new StoredLedger({ store, holder: 'lu', clock: localClock });
  const studies = new Studies({
    holder: 'lu',
    identity: publicOf(keys.identity, 'lu'),
    others: { jp: publicOf(keys.identity, 'jp') },
    stewards: [publicOf(keys.steward, 'lu')],
    runs: new HolderRuns(store),
    ledger,
    clock: localClock,
    ...change,
  });
  return { studies, ledger };
}

type Signed = { study: Record<string, Json>; signatures: { signature: string }[] };

const good = (): Signed =>
  structuredClone(signedStudy(studyDraft(keys), keys)) as unknown as Signed;
const stranger = SigningKey.generate().publicText;

const CASES: readonly {
  readonly name: string;
  readonly code: ErrorCode;
  readonly alter?: (signed: Signed) => unknown;
  readonly options?: Partial<StudiesOptions>;
}[] = [
  { name: 'unsigned', code: 'STUDY_UNSIGNED', alter: (s) => ({ ...s, signatures: [] }) },
  {
    name: 'signed by one holder only',
    code: 'STUDY_UNSIGNED',
    alter: (s) => ({ ...s, signatures: s.signatures.slice(1) }),
  },
  {
    name: 'altered after signing',
    code: 'SIGNATURE_REJECTED',
    alter: (s) => ({ ...s, study: { ...s.study, title: 'Other' } }),
  },
  {
    name: 'an altered signature',
    code: 'SIGNATURE_REJECTED',
    alter: (s) => ({
      ...s,
      signatures: s.signatures.map((one) => ({
        ...one,
        signature: `${one.signature.slice(0, -2)}AA`,
      })),
    }),
  },
  { name: 'an unknown field', code: 'INVALID_STUDY', alter: (s) => ({ ...s, extra: 1 }) },
  {
    name: 'a rule of the country of a holder is broken',
    code: 'RULE_REFUSED',
    alter: () => signedStudy(studyDraft(keys, { legalBasis: 'GDPR 6(1)(e)' }), keys),
  },
  {
    name: "another holder's identity is not the pinned one",
    code: 'IDENTITY_NOT_PINNED',
    options: { others: { jp: stranger } },
  },
  {
    name: 'another holder is not pinned at all',
    code: 'IDENTITY_NOT_PINNED',
    options: { others: {} },
  },
  {
    name: 'our own identity is not ours',
    code: 'IDENTITY_NOT_PINNED',
    options: { identity: stranger },
  },
  {
    name: 'a steward that is not ours',
    code: 'STEWARD_NOT_PINNED',
    options: { stewards: [stranger] },
  },
  { name: 'a study without us', code: 'INVALID_STUDY', options: { holder: 'fr' } },
];

describe('accepting a study', () => {
  test('signed by a steward of every holder: kept, and its budget granted once', async () => {
    const { studies, ledger } = opened();
    const body = canonicalBytes(good());
    const { id } = await studies.accept(body);
    await studies.accept(body);
    strictEqual((await studies.open(id)).id, id);
    strictEqual((await ledger.account(id)).granted.rho.toString(), '1/1');
    strictEqual((await ledger.entries()).length, 1);
  });

  for (const { name, code, alter, options } of CASES) {
    test(`${name}: ${code}`, async () => {
      const { studies, ledger } = opened(options);
      const signed = good();
      await rejects(studies.accept(canonicalBytes(alter?.(signed) ?? signed)), refusal(code));
      strictEqual((await ledger.entries()).length, 0, 'nothing was granted');
    });
  }

  test('expired: STUDY_EXPIRED, also when it was accepted before', async () => {
    const expired = signedStudy(studyDraft(keys, { expires: '2026-01-01' }), keys);
    await rejects(opened().studies.accept(canonicalBytes(expired)), refusal('STUDY_EXPIRED'));
    let now = new Date('2025-12-31T00:00:00Z');
    const { studies } = opened({ clock: { ...localClock, now: () => now } });
    const { id } = await studies.accept(canonicalBytes(expired));
    now = new Date('2026-01-02T00:00:00Z');
    await rejects(() => studies.open(id), refusal('STUDY_EXPIRED'));
  });

  test('recovery reads a study that was accepted before a rule was there', async () => {
    const older = signedStudy(studyDraft(keys, { legalBasis: 'GDPR 6(1)(e)' }), keys);
    const { studies } = opened();
    const { id } = await studies.accept(canonicalBytes(older), undefined, { known: true });
    strictEqual((await studies.open(id)).id, id);
  });

  test('a steward key that is not pinned any more: its studies run no more', async () => {
    const stewards = [publicOf(keys.steward, 'lu')];
    const { studies } = opened({ stewards });
    const { id } = await studies.accept(canonicalBytes(good()));
    strictEqual((await studies.open(id)).id, id);
    stewards[0] = stranger;
    await rejects(() => studies.open(id), refusal('STEWARD_NOT_PINNED'));
  });

  test('unknown: STUDY_UNKNOWN', async () => {
    await rejects(() => opened().studies.open('0'.repeat(64)), refusal('STUDY_UNKNOWN'));
  });
});

describe('a key that was revoked after the study was signed', () => {
  const signed = canonicalBytes(signedStudy(studyDraft(keys), keys));

  test('of its analyst: nothing is reserved for it, and the study stands for others', async () => {
    const revoked = [keys.analyst.publicText];
    const { studies } = opened({ revoked });
    const { id } = await studies.accept(signed);
    await studies.open(id);
    await rejects(studies.checkAnalyst(id, 'ana'), refusal('SIGNATURE_REJECTED'));
    await rejects(studies.checkAnalyst(id, 'nobody'), refusal('SIGNATURE_REJECTED'));
    const trusting = opened();
    await trusting.studies.accept(signed);
    await trusting.studies.checkAnalyst(id, 'ana');
  });

  test('of another holder\u2019s steward: too few speak for it, and nothing goes on', async () => {
    const { studies } = opened({ revoked: [publicOf(keys.steward, 'jp')] });
    await rejects(studies.accept(signed), refusal('STEWARD_NOT_PINNED'));
  });
});
