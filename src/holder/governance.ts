/** What a holder's stewards and staff decide about: its people, their budget, and who may ask. @module */
import type { SigningKey } from '../base/sign.ts';
import type { Vault } from '../base/vault.ts';
import type { DataDirectory } from '../engine/data-directory.ts';
import {
  HOLDER_APPROVAL_MIGRATIONS,
  HolderApprovals,
  type HolderApprovalTables,
} from '../engine/stores/holder-approvals.ts';
import { HolderColumns, type HolderColumnTables } from '../engine/stores/holder-columns.ts';
import {
  HOLDER_PEOPLE_MIGRATIONS,
  HolderPeople,
  type HolderPeopleTables,
} from '../engine/stores/holder-people.ts';
import type { Store } from '../engine/stores/store.ts';
import { Approvals, type ApprovalsOptions } from './approvals.ts';
import { BudgetDesk } from './budget-desk.ts';
import { CohortShelf } from './cohort-shelf.ts';
import type { HolderConfiguration } from './configuration.ts';

export type GovernanceTables = HolderApprovalTables & HolderPeopleTables;
export const GOVERNANCE_MIGRATIONS = [...HOLDER_PEOPLE_MIGRATIONS, ...HOLDER_APPROVAL_MIGRATIONS];

export type GovernanceOptions = Pick<ApprovalsOptions, 'runs' | 'ledger' | 'studies' | 'clock'> & {
  readonly configuration: HolderConfiguration;
  readonly directory: Pick<DataDirectory, 'cohorts' | 'tmp'>;
  readonly key: SigningKey;
  readonly vault: Vault;
  readonly store: Store<GovernanceTables & HolderColumnTables>;
};

export type Governance = {
  readonly columns: HolderColumns;
  readonly shelf: CohortShelf;
  readonly approvals: Approvals;
  readonly budget: BudgetDesk;
};

export function governance({ directory, store, ...options }: GovernanceOptions): Governance {
  const { configuration, runs, ledger, studies, clock } = options;
  const people = new HolderPeople(store);
  const columns = new HolderColumns(store);
  const shelf = new CohortShelf({ ...options, directories: directory, people, columns });
  const kept = new HolderApprovals(store);
  const { name: holder } = configuration;
  const approvals = new Approvals({ holder, approvals: kept, runs, ledger, studies, clock });
  const budget = new BudgetDesk({ configuration, runs, ledger, studies, shelf, kept, approvals });
  return { columns, shelf, approvals, budget };
}
