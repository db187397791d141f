/** This holder's shares of collective keys: files, with what its runs say of them. @module */
import type { Rng } from '../base/rng.ts';
import type { Vault } from '../base/vault.ts';
import { FileKeyShares } from '../engine/keys/key-shares.ts';
import type { HolderRuns } from '../engine/stores/holder-runs.ts';
import { MAX_CIPHERTEXTS } from '../he/security.ts';

export type CollectiveKeysOptions = {
  readonly directory: string;
  readonly vault: Vault;
  readonly rng: Rng;
  readonly holder: string;
  readonly runs: HolderRuns;
};

export const collectiveKeys = ({ runs, ...own }: CollectiveKeysOptions): FileKeyShares =>
  new FileKeyShares({
    ...own,
    enter: (use) => runs.enterEpoch(use, MAX_CIPHERTEXTS),
    made: (name) => runs.keyMade(name),
    remember: (name) => runs.rememberKey(name),
  });
