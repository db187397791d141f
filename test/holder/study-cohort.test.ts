/** Which data answers for a study: rows, or encrypted columns once the sandbox has them. */
import { rejects, strictEqual } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import {
  HOLDER_COLUMN_MIGRATIONS,
  HolderColumns,
  type HolderColumnTables,
} from '../../src/engine/stores/holder-columns.ts';
import { openStore } from '../../src/engine/sqlite/store.ts';
import { columnsOffice } from '../../src/holder/columns-office.ts';
import { StudyCohort, type StudyCohortOptions } from '../../src/holder/study-cohort.ts';
import { MemoryBlobs } from '../support/memory-blobs.ts';
import { localClock, silentLog } from '../support/memory-ports.ts';
import { refusal } from '../support/refusal.ts';
import { acceptedStudy, compiledRun, studyKeys } from '../support/study.ts';

const ROWS = 'a'.repeat(64);
const TABLE = 'b'.repeat(64);

test('rows until the upload is complete, columns from then on', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'kakehashi-columns-'));
  const store = openStore<HolderColumnTables>(path.join(root, 'db'), HOLDER_COLUMN_MIGRATIONS);
  try {
    const keys = studyKeys(['lu', 'jp']);
    const study = acceptedStudy(keys);
    const tables = new HolderColumns(store);
    const vault = new Vault(SigningKey.generate(), systemRng);
    let loaded = true;
    const cohort = new StudyCohort({
      rows: {
        epoch: () => Promise.resolve(ROWS),
        noisedVector: (_, noise) => Promise.resolve(noise),
        prepare: () => Promise.resolve(),
      },
      holder: 'lu',
      loadedUnder: () => Promise.resolve(study.id),
      hasRows: () => Promise.resolve(loaded),
      office: columnsOffice({
        tables,
        keysDirectory: root,
        vault,
        rng: systemRng,
        blobs: new MemoryBlobs(),
      }),
      studies: { any: () => study } as unknown as StudyCohortOptions['studies'],
      sandbox: { sums: () => Promise.reject(new Error('asked')) },
      clock: localClock,
      log: silentLog,
    });
    const { plan: deep } = compiledRun(study, keys, {
      where: { column: 'age', ge: 40 },
      rho: '1/200',
    });
    const { plan } = compiledRun(study, keys, { rho: '1/200' });

    await cohort.prepare(deep);
    const table = {
      table: TABLE,
      study: study.id,
      blocks: 1,
      list: { format: 'kakehashi/columns/1' },
    };
    await tables.keep(table, 'c'.repeat(64));
    await cohort.prepare(deep);
    strictEqual(await cohort.epoch(study.id), ROWS);
    await rejects(tables.keep({ ...table, table: ROWS }, ROWS), refusal('CONFLICT'));

    await tables.setState(TABLE, 'ready');
    strictEqual(await cohort.epoch(study.id), 'c'.repeat(64));
    await rejects(cohort.prepare(deep), { code: 'DEPTH' });
    await rejects(cohort.prepare(plan), /asked/);

    // A result was refused: rows answer where they are, else nothing does.
    await tables.setState(TABLE, 'retired');
    await cohort.prepare(deep);
    loaded = false;
    await rejects(cohort.prepare(plan), { code: 'COHORT_MISSING' });

    await tables.setState(TABLE, 'erased');
    strictEqual(await tables.live(study.id), undefined);
    strictEqual(await cohort.epoch(study.id), ROWS);
  } finally {
    await store.close();
    rmSync(root, { recursive: true, force: true });
  }
});
