/** The stores in which a holder keeps its runs: one database of a test. */
import path from 'node:path';
import { openStore } from '../../src/engine/sqlite/store.ts';
import {
  HOLDER_CHECKPOINT_MIGRATIONS,
  HolderCheckpoints,
  type HolderCheckpointTables,
} from '../../src/engine/stores/holder-checkpoints.ts';
import {
  HOLDER_FRAME_MIGRATIONS,
  HolderFrames,
  type HolderFrameTables,
} from '../../src/engine/stores/holder-frames.ts';
import {
  HOLDER_RUN_MIGRATIONS,
  HolderRuns,
  type HolderRunTables,
} from '../../src/engine/stores/holder-runs.ts';
import {
  HOLDER_NARROWING_MIGRATIONS,
  type HolderNarrowingTables,
} from '../../src/engine/stores/holder-narrowings.ts';
import { LEDGER_MIGRATIONS, type LedgerTables } from '../../src/engine/stores/ledger-rows.ts';
import { STEP_MIGRATIONS, type StepTables } from '../../src/engine/stores/steps-store.ts';
import type { Store } from '../../src/engine/stores/store.ts';
import { scratch } from '../support/scratch.ts';

export type RunTables = LedgerTables &
  StepTables &
  HolderFrameTables &
  HolderRunTables &
  HolderCheckpointTables &
  HolderNarrowingTables;

export type RunStores = {
  readonly store: Store<RunTables>;
  readonly frames: HolderFrames;
  readonly runs: HolderRuns;
  readonly checkpoints: HolderCheckpoints;
};

/** The store is the caller's to close. */
export function runStores(): RunStores {
  const store = openStore<RunTables>(path.join(scratch(), 'store.db'), [
    ...LEDGER_MIGRATIONS,
    ...STEP_MIGRATIONS,
    ...HOLDER_FRAME_MIGRATIONS,
    ...HOLDER_RUN_MIGRATIONS,
    ...HOLDER_CHECKPOINT_MIGRATIONS,
    ...HOLDER_NARROWING_MIGRATIONS,
  ]);
  return {
    store,
    frames: new HolderFrames(store),
    runs: new HolderRuns(store),
    checkpoints: new HolderCheckpoints(store),
  };
}
