/** Rows and encrypted columns of a study that is amended: what was loaded under a version answers what it can. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import path from 'node:path';
import { test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { systemRng } from '../../src/base/rng.ts';
import { Vault } from '../../src/base/vault.ts';
import { DuckDbCohort } from '../../src/engine/duckdb/cohort.ts';
import { columnsOffice } from '../../src/holder/columns-office.ts';
import { ColumnsDesk } from '../../src/holder/columns-desk.ts';
import { StudyCohort } from '../../src/holder/study-cohort.ts';
import { MemorySandboxColumns } from '../support/column-lab.ts';
import { MemoryBlobs } from '../support/memory-blobs.ts';
import { localClock, silentLog } from '../support/memory-ports.ts';
import { refusal } from '../support/refusal.ts';
import { compiledRun } from '../support/study.ts';
import { type DeskLab, deskLab } from './desk-lab.ts';

type Draft = Record<string, Json>;

const csv = (people: number, smokes = ''): string =>
  `patient_id,sex,age${smokes && ',smokes'}\n` +
  Array.from({ length: people }, (_, i) => `P${i},F,40${smokes && `,${smokes}`}\n`).join('');
const inCohort =
  (change: (cohort: Draft) => Draft) =>
  (draft: Draft): Draft => ({ ...draft, cohort: change(draft['cohort'] as Draft) });
const declared = (people: number) =>
  inCohort((cohort) => ({ ...cohort, declaredSize: { jp: 1000, lu: people } }));
const smokes = inCohort((cohort) => ({
  ...cohort,
  columns: { ...(cohort['columns'] as Draft), smokes: { type: 'category', domain: ['no', 'yes'] } },
}));

function cohortOf(lab: DeskLab) {
  const { shelf, studies, directory, keys } = lab;
  const office = columnsOffice({
    tables: shelf.options.columns,
    keysDirectory: directory,
    vault: new Vault(lab.key, systemRng),
    rng: systemRng,
    blobs: new MemoryBlobs(),
  });
  const cohort = new StudyCohort({
    rows: new DuckDbCohort({
      directory: path.join(directory, 'cohorts'),
      tmpDirectory: path.join(directory, 'tmp'),
      loaded: (study) => shelf.booked(study),
      clock: localClock,
      log: silentLog,
    }),
    holder: 'lu',
    hasRows: (study) => shelf.has(study),
    loadedUnder: (study) => shelf.loadedUnder(study),
    office,
    studies,
    sandbox: { sums: () => Promise.reject(new Error('asked')) },
    clock: localClock,
    log: silentLog,
  });
  const prepare = () => cohort.prepare(compiledRun(lab.study, keys, { rho: '1/200' }).plan);
  return { office, prepare };
}

test('a column is added: nothing is answered before the rows are loaded again, whose people bore what they bore', async () => {
  const lab = await deskLab();
  const { prepare } = cohortOf(lab);
  await lab.load(csv(10));
  await prepare();
  await lab.amend(smokes);
  await rejects(prepare(), refusal('COHORT_MISSING'));
  await rejects(lab.load(csv(10)), refusal('COHORT_COLUMN_MISSING'));
  await rejects(prepare(), refusal('COHORT_MISSING'));
  deepStrictEqual(await lab.load(csv(10, 'no')), [1]);
  await prepare();
});

test('fewer people are declared: the rows are loaded again, however many they are', async () => {
  for (const people of [3, 10]) {
    const lab = await deskLab();
    const { prepare } = cohortOf(lab);
    await lab.load(csv(people));
    await lab.amend(declared(2000));
    await prepare();
    await lab.load(csv(people));
    await lab.amend(declared(5));
    await rejects(prepare(), refusal('COHORT_MISSING'));
    if (people > 5) await rejects(lab.load(csv(people)), refusal('COHORT_TOO_LARGE'));
    else {
      deepStrictEqual(await lab.load(csv(people)), [1]);
      await prepare();
    }
    const loads = (await lab.ledger.entries()).filter(({ body }) => body.type === 'load');
    equal(loads.length, people > 5 ? 2 : 3);
  }
});

test('amended while rows are loaded: those of the version before are not booked', async () => {
  const lab = await deskLab();
  const { prepare } = cohortOf(lab);
  lab.beforeBooking = async () => {
    lab.beforeBooking = () => Promise.resolve();
    await lab.amend(declared(5));
  };
  await rejects(lab.load(csv(10)), refusal('STUDY_AMENDED'));
  await rejects(prepare(), refusal('COHORT_MISSING'));
  deepStrictEqual(await lab.load(csv(5)), [1]);
  await prepare();
});

test('amended while columns are sent, or after: they answer nothing, and the rows are asked for', async () => {
  for (const during of [true, false]) {
    const lab = await deskLab();
    const { prepare, office } = cohortOf(lab);
    await lab.load(csv(10));
    const sandbox = new MemorySandboxColumns();
    const store = sandbox.store.bind(sandbox);
    sandbox.store = async (...args) => {
      await store(...args);
      if (during) await lab.amend(smokes);
    };
    const desk = new ColumnsDesk({
      office,
      studies: lab.studies,
      sandbox,
      clock: localClock,
      configuration: { name: 'lu', threads: 1, memoryLimit: '512MB' },
      directories: lab.shelf.options.directories,
      key: lab.key,
      booked: (study: string) => lab.shelf.booked(study),
    } as unknown as ConstructorParameters<typeof ColumnsDesk>[0]);
    const upload = desk.upload(lab.study.id, {});
    if (during) await rejects(upload, refusal('STUDY_AMENDED'));
    else {
      await upload;
      await rejects(prepare(), /asked/);
      await lab.amend(smokes);
    }
    equal((await office.tables.live(lab.study.id))?.state, 'retired');
    await rejects(prepare(), refusal('COHORT_MISSING'));
    await lab.load(csv(10, 'no'));
    await prepare();
  }
});
