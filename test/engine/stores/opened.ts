/** The holder's store in a file, as a process would open it. */
import { onTestFinished } from 'vitest';
import { LEDGER_MIGRATIONS, type LedgerTables } from '../../../src/engine/stores/ledger-rows.ts';
import { StoredLedger } from '../../../src/engine/stores/ledger-store.ts';
import {
  STEP_MIGRATIONS,
  StoredSteps,
  type StepTables,
} from '../../../src/engine/stores/steps-store.ts';
import { openStore } from '../../../src/engine/sqlite/store.ts';
import type { Store } from '../../../src/engine/stores/store.ts';
import type { Amount } from '../../../src/ledger/entry.ts';
import type { OpenLedger } from '../conformance/ledger.ts';
import type { OpenSteps } from '../conformance/steps.ts';

type Tables = LedgerTables & StepTables;

export const clock = { now: () => new Date('2026-01-02T03:04:05Z') };

export function openFile(file: string): Store<Tables> {
  const store = openStore<Tables>(file, [...LEDGER_MIGRATIONS, ...STEP_MIGRATIONS]);
  onTestFinished(async () => {
    await store.close();
  });
  return store;
}

export async function openLedger(file: string, limit?: Amount): Promise<OpenLedger> {
  const store = openFile(file);
  const options = { store, holder: 'lu', clock };
  const ledger = await StoredLedger.open(
    limit === undefined ? options : { ...options, limits: { holder: limit } },
  );
  const reopen = async (): Promise<OpenLedger> => {
    await store.close();
    return openLedger(file, limit);
  };
  return { ledger, reopen };
}

export async function openSteps(file: string): Promise<OpenSteps> {
  const store = openFile(file);
  const reopen = async (): Promise<OpenSteps> => {
    await store.close();
    return openSteps(file);
  };
  return { steps: new StoredSteps(store), reopen };
}
