/** The holder's store where a test has it, as a process would open it. */
import { LEDGER_MIGRATIONS, type LedgerTables } from '../../../src/engine/stores/ledger-rows.ts';
import { StoredLedger } from '../../../src/engine/stores/ledger-store.ts';
import {
  STEP_MIGRATIONS,
  StoredSteps,
  type StepTables,
} from '../../../src/engine/stores/steps-store.ts';
import type { Store } from '../../../src/engine/stores/store.ts';
import type { Amount } from '../../../src/ledger/entry.ts';
import type { OpenLedger } from '../conformance/ledger.ts';
import type { OpenSteps } from '../conformance/steps.ts';
import { openedAt, type Place } from './kinds.ts';

type Tables = LedgerTables & StepTables;

export const clock = { now: () => new Date('2026-01-02T03:04:05Z') };

export const openHolder = (place: Place): Promise<Store<Tables>> =>
  openedAt<Tables>(place, [...LEDGER_MIGRATIONS, ...STEP_MIGRATIONS]);

export async function openLedger(place: Place, limit?: Amount): Promise<OpenLedger> {
  const store = await openHolder(place);
  const options = { store, holder: 'lu', clock };
  const ledger = await StoredLedger.open(
    limit === undefined ? options : { ...options, limits: { holder: limit } },
  );
  const reopen = async (): Promise<OpenLedger> => {
    await store.close();
    return openLedger(place, limit);
  };
  return { ledger, reopen };
}

export async function openSteps(place: Place): Promise<OpenSteps> {
  const store = await openHolder(place);
  const reopen = async (): Promise<OpenSteps> => {
    await store.close();
    return openSteps(place);
  };
  return { steps: new StoredSteps(store), reopen };
}
