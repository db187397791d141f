/** A holder's desk over its real directory, stores and register, without network. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { canonicalBytes, type Json } from '../../src/base/canonical-json.ts';
import { type Digest, sha256Hex } from '../../src/base/hash.ts';
import { Rational } from '../../src/base/rational.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { Vault } from '../../src/base/vault.ts';
import { Session } from '../../src/engine/duckdb/session.ts';
import { HolderColumns } from '../../src/engine/stores/holder-columns.ts';
import { HolderApprovals } from '../../src/engine/stores/holder-approvals.ts';
import { HolderPeople } from '../../src/engine/stores/holder-people.ts';
import { HolderRecovery } from '../../src/engine/stores/holder-recovery.ts';
import { HolderRuns } from '../../src/engine/stores/holder-runs.ts';
import { StoredLedger } from '../../src/engine/stores/ledger-store.ts';
import { StoredSteps } from '../../src/engine/stores/steps-store.ts';
import { HOLDER_MIGRATIONS, type HolderTables } from '../../src/holder/tables.ts';
import { openStore } from '../../src/engine/sqlite/store.ts';
import { DISCLOSED_STEP } from '../../src/flows/linked/disclosed.ts';
import type { CompiledRun } from '../../src/flows/pooled/compile-run.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { Approvals } from '../../src/holder/approvals.ts';
import { BudgetDesk } from '../../src/holder/budget-desk.ts';
import { CohortShelf } from '../../src/holder/cohort-shelf.ts';
import type { WithdrawReport } from '../../src/holder/cohorts.ts';
import { DisclosedDesk } from '../../src/holder/disclosed-desk.ts';
import { HolderDesk } from '../../src/holder/desk.ts';
import { Studies } from '../../src/holder/studies.ts';
import { scratch } from '../support/scratch.ts';
import { amendedStudy, signedStudy, studyDraft, studyKeys } from '../support/study.ts';

export type DeskLabOptions = {
  readonly epochLimit?: string;
  readonly approval?: { readonly above: string; readonly stewards: number };
  /** A second steward of every holder; jp's is one of its own. */
  readonly second?: SigningKey;
  /** Keys that are not trusted any more. */
  readonly revoked?: string[];
};

type LoadFlags = { study?: Study; name?: string; keepUntil?: string };

export type DeskLab = {
  readonly directory: string;
  readonly keys: ReturnType<typeof studyKeys>;
  readonly key: SigningKey;
  readonly ledger: StoredLedger;
  readonly runs: HolderRuns;
  readonly people: HolderPeople;
  readonly shelf: CohortShelf;
  readonly desk: HolderDesk;
  readonly approvals: Approvals;
  readonly jpSecond: SigningKey;
  study: Study;
  now: Date;
  /** Where a load dies: before the ledger booked it, or behind that. */
  failBooking: boolean;
  failPlacing: boolean;
  /** Comes between the reading of files and their booking. */
  beforeBooking: () => Promise<unknown>;
  /** The next version of `study`, signed by every steward and accepted. */
  amend(change: (draft: Record<string, Json>) => Record<string, Json>): Promise<Study>;
  readonly studies: Studies;
  accept(title: string): Promise<Study>;
  /** The epochs of what was loaded. */
  load(text: string, flags?: LoadFlags): Promise<readonly number[]>;
  withdraw(text: string): Promise<WithdrawReport>;
  reserve(rho: string, study?: Study): Promise<Digest>;
  reserveRun(run: CompiledRun): Promise<void>;
  spend(rho: string, study?: Study): Promise<void>;
  /** A linked query told something, as DISCLOSED_STEP keeps it, in one run of the study. */
  disclose(): Promise<void>;
  /** What the file of a study has. */
  count(study?: Study): Promise<{ people: number; version: string }>;
};

export async function deskLab(options: DeskLabOptions = {}): Promise<DeskLab> {
  const directory = scratch();
  const directories = {
    cohorts: path.join(directory, 'cohorts'),
    tmp: path.join(directory, 'tmp'),
  };
  mkdirSync(directories.cohorts);
  mkdirSync(directories.tmp);
  const store = openStore<HolderTables>(path.join(directory, 'store.db'), HOLDER_MIGRATIONS);
  onTestFinished(async () => {
    await store.close();
  });
  const keys = studyKeys(['jp', 'lu']);
  const jpSecond = SigningKey.generate();
  const key = keys.identity.get('lu') as SigningKey;
  const clock = { now: () => lab.now, until: () => Promise.resolve() };
  const limit = options.epochLimit;
  const amount = limit === undefined ? undefined : Rational.parse(limit);
  const ledger = new StoredLedger({
    store,
    holder: 'lu',
    clock,
    ...(amount && { limits: { epoch: { rho: amount, delta: Rational.of(1, 1000) } } }),
  });
  const runs = new HolderRuns(store);
  const people = new HolderPeople(store);
  const configuration = {
    name: 'lu',
    sandbox: 'http://127.0.0.1:1',
    holders: {},
    revoked: options.revoked ?? [],
    stewards: [
      keys.steward.get('lu')?.publicText ?? '',
      ...(options.second === undefined ? [] : [options.second.publicText]),
    ],
    epochLimit: 'generous' as const,
    threads: 1,
    memoryLimit: '512MB',
    logLevel: 'silent' as const,
  };
  const studies = new Studies({
    holder: 'lu',
    identity: key.publicText,
    others: { jp: keys.identity.get('jp')?.publicText ?? '' },
    stewards: configuration.stewards,
    revoked: configuration.revoked,
    runs,
    ledger,
    clock,
    retireColumns: (study) => shelf.retireColumns(study),
  });
  const shelf = new CohortShelf({
    configuration,
    directories,
    key,
    vault: new Vault(key, systemRng),
    runs,
    // What dies at the booking, or behind it, of a load.
    ledger: new Proxy(ledger, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name !== 'load')
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        return async (...args: Parameters<StoredLedger['load']>) => {
          await lab.beforeBooking();
          if (lab.failBooking) throw new Error('killed before the booking');
          await target.load(...args);
          if (lab.failPlacing) throw new Error('killed behind the booking');
        };
      },
    }),
    people,
    columns: new HolderColumns(store),
    clock,
  });
  const kept = new HolderApprovals(store);
  const approvals = new Approvals({
    holder: 'lu',
    approvals: kept,
    runs,
    ledger,
    studies,
    clock,
  });
  const steps = new StoredSteps(store);
  const desk = new HolderDesk({
    configuration,
    runs,
    ledger,
    studies,
    shelf,
    budget: new BudgetDesk({ configuration, runs, ledger, studies, shelf, kept, approvals }),
    recovery: new HolderRecovery(store),
    disclosed: new DisclosedDesk({
      ledger,
      steps,
      vault: new Vault(key, systemRng),
    }),
  });
  let signed: Json = null;
  const accept = async (title: string): Promise<Study> => {
    const base = studyDraft(keys, { rho: '10/1' }) as unknown as Record<string, Json> & {
      readonly holders: readonly { readonly name: string; readonly stewards: object }[];
    };
    const seconds: Record<string, string> = {
      lu: options.second?.publicText ?? '',
      jp: jpSecond.publicText,
    };
    const holders = base.holders.map((holder) => {
      const own = keys.steward.get(holder.name)?.publicText ?? '';
      const all = options.second === undefined ? [own] : [own, seconds[holder.name] ?? ''];
      return { ...holder, stewards: { need: 1, keys: all } };
    });
    const { approval } = options;
    const draft: Json = { ...base, title, holders, ...(approval && { approval }) };
    signed = signedStudy(draft, keys);
    return studies.accept(canonicalBytes(signed));
  };
  let runsMade = 0;
  const lab: DeskLab = {
    directory,
    keys,
    key,
    ledger,
    runs,
    people,
    shelf,
    desk,
    approvals,
    jpSecond,
    accept,
    study: undefined as unknown as Study,
    now: new Date('2026-03-01T12:00:00Z'),
    failBooking: false,
    failPlacing: false,
    beforeBooking: () => Promise.resolve(),
    studies,
    async amend(change): Promise<Study> {
      signed = amendedStudy(signed, keys, change);
      lab.study = await studies.accept(canonicalBytes(signed));
      return lab.study;
    },
    async load(
      text: string,
      { study = lab.study, name = 'people.csv', keepUntil }: LoadFlags = {},
    ): Promise<readonly number[]> {
      const file = path.join(directory, name);
      writeFileSync(file, text);
      const more = keepUntil === undefined ? {} : { keepUntil };
      const report = await desk.loadCohort(study.id, [file], more);
      return report['epochs'] as readonly number[];
    },
    async withdraw(text: string): Promise<WithdrawReport> {
      const file = path.join(directory, 'withdrawn.txt');
      writeFileSync(file, text);
      return (await desk.withdraw(file)) as WithdrawReport;
    },
    async reserve(rho: string, study = lab.study): Promise<Digest> {
      const run = sha256Hex(utf8(`run ${(runsMade += 1)}`));
      await ledger.reserve({
        study: study.id,
        run,
        planDigest: run,
        vectorKey: run,
        rho: Rational.parse(rho),
        delta: Rational.ZERO,
        version: (await shelf.booked(study.id)) ?? '',
        analyst: 'ana',
        ticket: { sealedSeed: utf8(run), commitment: run },
      });
      return run;
    },
    async disclose(): Promise<void> {
      const run = sha256Hex(utf8('disclosing run'));
      await ledger.reserve({
        study: lab.study.id,
        run,
        planDigest: run,
        vectorKey: run,
        rho: Rational.of(1, 1000),
        delta: Rational.ZERO,
        version: (await shelf.booked(lab.study.id)) ?? '',
        disclosure: { output: 'set', quota: 9 },
        ticket: { sealedSeed: utf8(run), commitment: run },
      });
      // A linked query counts from its list from here on.
      await ledger.touch(run);
      await ledger.keepVector(run, run);
      await steps.once(run, DISCLOSED_STEP, () => Promise.resolve(Uint8Array.of(1)));
    },
    async reserveRun({ run, planDigest, plan, study }: CompiledRun): Promise<void> {
      await ledger.reserve({
        study,
        run,
        planDigest,
        vectorKey: run,
        rho: plan.rho,
        delta: Rational.ZERO,
        version: (await shelf.booked(study)) ?? '',
        ticket: { sealedSeed: utf8(run), commitment: run },
      });
    },
    async spend(rho: string, study = lab.study): Promise<void> {
      const run = await lab.reserve(rho, study);
      await ledger.touch(run);
      await ledger.keepVector(run, run);
    },
    async count(study = lab.study): Promise<{ people: number; version: string }> {
      const session = await Session.open({
        file: shelf.file(study.id),
        readOnly: true,
        tmpDirectory: directories.tmp,
        threads: 1,
        memoryLimit: '256MB',
      });
      try {
        const [row = []] = await session.rows(
          'SELECT (SELECT count(*) FROM cohort), epoch FROM description',
        );
        return { people: Number(row[0]), version: String(row[1]) };
      } finally {
        session.close();
      }
    },
  };
  lab.study = await accept('People by sex and age');
  return lab;
}
