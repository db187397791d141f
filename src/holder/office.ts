/**
 * A holder's data directory, opened: stores, ledger, cohorts, keys and the desk of its staff,
 * without network and without noise. The service (main.ts) and the commands that work while it
 * does not run (cli/) stand on this.
 * @module
 */
import path from 'node:path';
import type { Json } from '../base/canonical-json.ts';
import type { Digest } from '../base/hash.ts';
import type { Rng } from '../base/rng.ts';
import type { SigningKey } from '../base/sign.ts';
import { Vault } from '../base/vault.ts';
import { FileBlobs } from '../engine/blobs/file-blobs.ts';
import type { Environment } from '../engine/configuration.ts';
import { type DataDirectory, openDataDirectory } from '../engine/data-directory.ts';
import { DuckDbCohort } from '../engine/duckdb/cohort.ts';
import { DuckDbLinkedPeople } from '../engine/duckdb/linked-people.ts';
import type { HolderImages } from '../engine/images/holder-images.ts';
import { HolderBatches } from '../engine/jobs/holder-batches.ts';
import { loadKey } from '../engine/keys.ts';
import { HolderCheckpoints } from '../engine/stores/holder-checkpoints.ts';
import { withdrawFrames } from '../engine/stores/frame-upkeep.ts';
import { HolderFrames } from '../engine/stores/holder-frames.ts';
import { HolderNarrowings } from '../engine/stores/holder-narrowings.ts';
import { HolderRecovery } from '../engine/stores/holder-recovery.ts';
import { HolderRuns } from '../engine/stores/holder-runs.ts';
import { HolderSettings } from '../engine/stores/holder-settings.ts';
import { StoredLedger } from '../engine/stores/ledger-store.ts';
import { StoredSteps } from '../engine/stores/steps-store.ts';
import type { ServiceStore } from '../engine/service-store.ts';
import type { Chooser } from '../flows/inside-ports.ts';
import type { LinkedPeople } from '../flows/linked/ports.ts';
import type { Clock, HolderPorts, Log } from '../flows/ports.ts';
import type { Approvals } from './approvals.ts';
import { HOLDER_BATCHES } from './batches.ts';
import type { CohortShelf } from './cohort-shelf.ts';
import { collectiveKeys } from './collective-keys.ts';
import { type ColumnsOffice, columnsOffice } from './columns-office.ts';
import { type HolderConfiguration, limitsOf, readHolderConfiguration } from './configuration.ts';
import { cohortOrderKey } from './cohorts.ts';
import { DisclosedDesk } from './disclosed-desk.ts';
import type { DeskOptions } from './desk.ts';
import { endKeysOfAll } from './ended-keys.ts';
import { forgetRun } from './ended-run.ts';
import { governance } from './governance.ts';
import { openHolderStore } from './holder-store.ts';
import { holderImages } from './images.ts';
import type { HolderTables } from './tables.ts';
import { Studies } from './studies.ts';
import { Witness } from './witness.ts';

const WORKER = new URL('holder-worker.js', import.meta.url);

export type OfficeOptions = {
  readonly data: string;
  readonly environment: Environment;
  readonly flags: Readonly<Record<string, Json | undefined>>;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: (settings: Pick<HolderConfiguration, 'logLevel'>) => Log;
  /** Takes what is not set anywhere from the last start of the service: for its staff. */
  readonly asLastStarted?: boolean;
};

/** Everything of a flow but the wire of a run and the noise. */
export type Office = {
  readonly configuration: HolderConfiguration;
  readonly directory: DataDirectory;
  readonly key: SigningKey;
  readonly vault: Vault;
  readonly frames: HolderFrames;
  readonly runs: HolderRuns;
  readonly studies: Studies;
  readonly ledger: StoredLedger;
  readonly ports: Omit<HolderPorts, 'relay' | 'noise'>;
  readonly shelf: CohortShelf;
  readonly approvals: Approvals;
  readonly desk: DeskOptions;
  readonly columns: ColumnsOffice;
  readonly batches: HolderBatches;
  readonly witness: Witness;
  readonly checkpoints: HolderCheckpoints;
  readonly recovery: HolderRecovery;
  /** The loaded rows, for what is chosen inside this holder. */
  readonly chooser: Chooser;
  /** The loaded rows of every study. */
  readonly rows: DuckDbCohort;
  /** The same of people, for linked runs. */
  readonly people: LinkedPeople;
  /** Without a sandbox until it is connected. */
  readonly images: HolderImages;
  /** Deletes keys and long messages of a run that has ended (ended-run.ts). Idempotent. */
  forget(run: Digest): Promise<Uint8Array | undefined>;
  /** Deletes the key shares of every epoch that has ended; says once where one stays. Idempotent. */
  endKeys(): Promise<void>;
  /** Takes what was deleted out of the files too. */
  scrub(): Promise<void>;
  /** Takes back what of a run has not left yet. */
  withdraw(run: Digest): Promise<void>;
  close(): Promise<void>;
};

export async function openOffice(options: OfficeOptions): Promise<Office> {
  const directory = openDataDirectory(options.data, { cohorts: true });
  let opened: ServiceStore<HolderTables> | undefined;
  try {
    opened = await openHolderStore(directory, options.environment, options.flags, options.log);
    const { store } = opened;
    const configuration = await configurationOf(options, directory, new HolderSettings(store));
    const key = await loadKey(
      configuration.identityFile ?? path.join(directory.keys, 'identity.pem'),
      configuration.passphraseFile,
    );
    return await assemble(options, configuration, directory, key, opened);
  } catch (error) {
    await opened?.close();
    directory.close();
    throw error;
  }
}

async function configurationOf(
  { environment, flags, asLastStarted }: OfficeOptions,
  directory: DataDirectory,
  settings: HolderSettings,
): Promise<HolderConfiguration> {
  const earlier = asLastStarted === true ? await settings.last() : {};
  const read = readHolderConfiguration(directory.config, environment, flags, earlier);
  if (asLastStarted !== true) await settings.keep(read);
  return read;
}

async function assemble(
  { clock, rng, log: makeLog }: OfficeOptions,
  configuration: HolderConfiguration,
  directory: DataDirectory,
  key: SigningKey,
  { store, close }: ServiceStore<HolderTables>,
): Promise<Office> {
  const { name: holder, threads, memoryLimit } = configuration;
  const log = makeLog(configuration);
  const vault = new Vault(key, rng);
  const frames = new HolderFrames(store);
  const runs = new HolderRuns(store);
  const checkpoints = new HolderCheckpoints(store);
  const recovery = new HolderRecovery(store);
  const steps = new StoredSteps(store);
  const limits = limitsOf(configuration);
  const ledger = await StoredLedger.open({ store, holder, clock, limits });
  const studies = new Studies({
    holder,
    identity: key.publicText,
    others: configuration.holders,
    stewards: configuration.stewards,
    revoked: configuration.revoked,
    runs,
    narrowings: new HolderNarrowings(store),
    ledger,
    clock,
    retireColumns: (study) => shelf.retireColumns(study),
  });
  const batches = new HolderBatches(HOLDER_BATCHES, { workerUrl: WORKER, threads });
  const governed = { configuration, directory, key, vault, store, runs, ledger, studies, clock };
  const { columns, shelf, approvals, budget } = governance(governed);
  const blobs = new FileBlobs({ directory: directory.blobs, tmp: directory.tmp });
  const images = holderImages({ configuration, studies, vault, log, tmp: directory.tmp, rng });
  const cohort = new DuckDbCohort({
    directory: directory.cohorts,
    tmpDirectory: directory.tmp,
    loaded: (study) => shelf.booked(study),
    clock,
    log,
    images,
    threads,
    memoryLimit,
  });
  const disclosed = new DisclosedDesk({ ledger, steps, vault });
  const keys = collectiveKeys({ directory: directory.keys, vault, rng, holder, runs });
  const ports = {
    holder,
    key,
    vault,
    rng,
    clock,
    log,
    ledger,
    steps,
    blobs,
    cohort,
    images,
    keys,
    batches,
    mirrors: runs,
  };
  return {
    configuration,
    directory,
    key,
    vault,
    frames,
    runs,
    studies,
    ledger,
    ports,
    batches,
    columns: columnsOffice({
      tables: columns,
      keysDirectory: directory.keys,
      vault,
      rng,
      blobs,
    }),
    witness: new Witness({ holder, key, frames, log, checkpoints }),
    checkpoints,
    recovery,
    chooser: cohort,
    rows: cohort,
    people: new DuckDbLinkedPeople({ cohort, orderKey: (id) => cohortOrderKey(vault, id) }),
    images,
    shelf,
    approvals,
    desk: { configuration, runs, ledger, studies, shelf, budget, disclosed, recovery },
    forget: (run) => forgetRun(run, { store, runs, frames, steps, keys, ports }),
    endKeys: endKeysOfAll({ keys, runs, log }),
    scrub: () => store.scrub(),
    withdraw: (run) => withdrawFrames(store, run),
    close: async () => {
      await close();
      directory.close();
    },
  };
}
