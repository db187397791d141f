/** What a holder's store has in it. @module */
import {
  HOLDER_CHECKPOINT_MIGRATIONS,
  type HolderCheckpointTables,
} from '../engine/stores/holder-checkpoints.ts';
import {
  HOLDER_COLUMN_MIGRATIONS,
  type HolderColumnTables,
} from '../engine/stores/holder-columns.ts';
import { HOLDER_FRAME_MIGRATIONS, type HolderFrameTables } from '../engine/stores/holder-frames.ts';
import {
  HOLDER_NARROWING_MIGRATIONS,
  type HolderNarrowingTables,
} from '../engine/stores/holder-narrowings.ts';
import {
  HOLDER_RECOVERY_MIGRATIONS,
  type HolderRecoveryTables,
} from '../engine/stores/holder-recovery.ts';
import { HOLDER_RUN_MIGRATIONS, type HolderRunTables } from '../engine/stores/holder-runs.ts';
import {
  HOLDER_SETTING_MIGRATIONS,
  type HolderSettingTables,
} from '../engine/stores/holder-settings.ts';
import { LEDGER_MIGRATIONS, type LedgerTables } from '../engine/stores/ledger-rows.ts';
import type { Migration } from '../engine/stores/migrations.ts';
import { STEP_MIGRATIONS, type StepTables } from '../engine/stores/steps-store.ts';
import { GOVERNANCE_MIGRATIONS, type GovernanceTables } from './governance.ts';

export type HolderTables = HolderCheckpointTables &
  HolderColumnTables &
  HolderFrameTables &
  GovernanceTables &
  HolderNarrowingTables &
  HolderRecoveryTables &
  HolderRunTables &
  HolderSettingTables &
  LedgerTables &
  StepTables;

export const HOLDER_MIGRATIONS: readonly Migration[] = [
  ...LEDGER_MIGRATIONS,
  ...STEP_MIGRATIONS,
  ...HOLDER_FRAME_MIGRATIONS,
  ...HOLDER_RUN_MIGRATIONS,
  ...HOLDER_SETTING_MIGRATIONS,
  ...HOLDER_COLUMN_MIGRATIONS,
  ...HOLDER_CHECKPOINT_MIGRATIONS,
  ...GOVERNANCE_MIGRATIONS,
  ...HOLDER_RECOVERY_MIGRATIONS,
  ...HOLDER_NARROWING_MIGRATIONS,
];
