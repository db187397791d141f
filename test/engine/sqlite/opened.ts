/** The holder's store in a file, as a process would open it. */
import { onTestFinished } from 'vitest';
import { LEDGER_MIGRATIONS, type LedgerTables } from '../../../src/engine/sqlite/ledger-rows.ts';
import { SqliteLedger } from '../../../src/engine/sqlite/ledger-store.ts';
import {
  STEP_MIGRATIONS,
  SqliteSteps,
  type StepTables,
} from '../../../src/engine/sqlite/steps-store.ts';
import { openStore, type Store } from '../../../src/engine/sqlite/store.ts';
import type { Amount } from '../../../src/ledger/entry.ts';
import type { OpenLedger } from '../conformance/ledger.ts';
import type { OpenSteps } from '../conformance/steps.ts';

type Tables = LedgerTables & StepTables;

export const clock = { now: () => new Date('2026-01-02T03:04:05Z') };

export function openFile(file: string): Store<Tables> {
  const store = openStore<Tables>(file, [...LEDGER_MIGRATIONS, ...STEP_MIGRATIONS]);
  onTestFinished(() => {
    store.close();
  });
  return store;
}

export function openLedger(file: string, limit?: Amount): OpenLedger {
  const store = openFile(file);
  const options = { store, holder: 'lu', clock };
  const ledger = new SqliteLedger(
    limit === undefined ? options : { ...options, limits: { holder: limit } },
  );
  const reopen = (): OpenLedger => {
    store.close();
    return openLedger(file, limit);
  };
  return { ledger, reopen };
}

export function openSteps(file: string): OpenSteps {
  const store = openFile(file);
  const reopen = (): OpenSteps => {
    store.close();
    return openSteps(file);
  };
  return { steps: new SqliteSteps(store), reopen };
}
