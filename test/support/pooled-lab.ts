/**
 * Flow 1 in one process over in-memory ports: real plan, real cohort engine, real ledger, real
 * encryption; memory instead of the wire, and the noise that the test brings.
 */
import { copyFileSync, existsSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Json } from '../../src/base/canonical-json.ts';
import { systemRng } from '../../src/base/rng.ts';
import { Secret } from '../../src/base/secret.ts';
import type { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { cohortFile, DuckDbCohort } from '../../src/engine/duckdb/cohort.ts';
import { replaceFile } from '../../src/engine/duckdb/install.ts';
import { importCohort } from '../../src/engine/duckdb/import.ts';
import { LEDGER_MIGRATIONS, type LedgerTables } from '../../src/engine/stores/ledger-rows.ts';
import { StoredLedger } from '../../src/engine/stores/ledger-store.ts';
import { bytesOf } from '../../src/dp/sampler/byte-source.ts';
import { openStore } from '../../src/engine/sqlite/store.ts';
import type { Store } from '../../src/engine/stores/store.ts';
import type { Assembled } from '../../src/flows/pooled/assemble.ts';
import { assembleInside, holdInside } from '../../src/flows/inside-holder.ts';
import type { Images } from '../../src/flows/image-ports.ts';
import type { Chooser, Coins } from '../../src/flows/inside-ports.ts';
import type { CompiledRun } from '../../src/flows/pooled/compile-run.ts';
import { assemblePooledAggregate, holdPooledAggregate } from '../../src/flows/pooled-aggregate.ts';
import type { Cohort, HolderPorts, Noise, RunState } from '../../src/flows/ports.ts';
import { inThread } from '../../src/he/collective/vector-batches.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { inlineJobs } from '../../src/engine/jobs/inline-jobs.ts';
import { JOB_HANDLERS } from '../../src/sandbox/job-handlers.ts';
import { MemoryBlobs } from './memory-blobs.ts';
import { MemoryJobResults } from './memory-job-results.ts';
import { MemoryNetwork } from './memory-network.ts';
import { MemoryRecord } from './memory-record.ts';
import { localClock, MemoryKeys, MemoryMirrors, MemorySteps, silentLog } from './memory-ports.ts';
import {
  acceptedStudy,
  compiledRun,
  studyKeys,
  type StudyKeys,
  type StudyOptions,
} from './study.ts';

/** A loaded machine is no fault of the data: a late answer would be zeros and noise (rulings 13). */
const neverLate = { now: () => new Date(0) };

const STORE_FILES = ['store.db', 'store.db-wal', 'store.db-shm'];

const SYSTEM_COINS: Coins = { coins: () => bytesOf(systemRng) };

const hasCoins = (noise: Noise): noise is Noise & Coins => 'coins' in noise;

export class LabHolder {
  readonly name: string;
  readonly key: SigningKey;
  readonly directory: string;
  readonly steps = new MemorySteps();
  readonly keys = new MemoryKeys();
  readonly blobs = new MemoryBlobs();
  readonly mirrors = new MemoryMirrors();
  ledger: StoredLedger;
  /** Instead of the loaded cohort, for tests about what happens behind the counts. */
  cohort: Cohort | undefined;
  /** Instead of the loaded rows, for what is chosen inside this holder. */
  chooser: Chooser | undefined;
  /** Programs over the loaded rows. */
  images: Images | undefined;
  #store: Store<LedgerTables>;
  #epoch: string | undefined;

  constructor(name: string, key: SigningKey, directory: string) {
    this.name = name;
    this.key = key;
    this.directory = directory;
    mkdirSync(path.join(directory, 'cohorts'), { recursive: true });
    mkdirSync(path.join(directory, 'tmp'), { recursive: true });
    this.#store = openStore<LedgerTables>(path.join(directory, 'store.db'), LEDGER_MIGRATIONS);
    this.ledger = new StoredLedger({ store: this.#store, holder: name, clock: localClock });
  }

  ports(network: MemoryNetwork, run: CompiledRun, noise: Noise): HolderPorts {
    const { name, key, steps, keys, blobs, mirrors, ledger } = this;
    return {
      holder: name,
      key,
      steps,
      keys,
      batches: inThread,
      blobs,
      mirrors,
      ledger,
      noise,
      vault: new Vault(key, systemRng),
      rng: systemRng,
      clock: localClock,
      log: silentLog,
      cohort: this.cohort ?? this.rows(),
      relay: network.relay(run.study, run.run, name, key),
      ...this.#programs(),
    };
  }

  #programs(): { images?: Images } {
    return this.images === undefined ? {} : { images: this.images };
  }

  /** The loaded cohort. */
  rows(): DuckDbCohort {
    return new DuckDbCohort({
      directory: path.join(this.directory, 'cohorts'),
      tmpDirectory: path.join(this.directory, 'tmp'),
      loaded: () => Promise.resolve(this.#epoch),
      ...this.#programs(),
      clock: neverLate,
      log: silentLog,
    });
  }

  /** Everybody is in the first epoch of persons. */
  async book(study: string, version: string): Promise<void> {
    const people = (await this.ledger.state()).epochs.size === 0 ? 'd'.repeat(64) : undefined;
    await this.ledger.load(study, { version, epochs: [1], people });
  }

  async load(study: Study, csv: string): Promise<void> {
    const file = path.join(this.directory, 'cohort.csv');
    writeFileSync(file, csv);
    await this.loadFiles(study, [file]);
  }

  async loadFiles(study: Study, files: readonly string[]): Promise<void> {
    await importCohort({
      files,
      section: study.cohort,
      holder: this.name,
      orderKey: new Secret('order', new Uint8Array(32).fill(7)),
      contentKey: new Secret('content', new Uint8Array(32).fill(9)),
      identityKey: new Secret('identity', new Uint8Array(32).fill(8)),
      install: async (file, { epoch }) => {
        await replaceFile(file, cohortFile(path.join(this.directory, 'cohorts'), study.id));
        this.#epoch = epoch;
        await this.book(study.id, epoch);
        return undefined;
      },
      tmpDirectory: path.join(this.directory, 'tmp'),
    });
  }

  /** Copies the store, with its side files, into a directory. */
  backUp(directory: string): void {
    for (const name of STORE_FILES) {
      const file = path.join(this.directory, name);
      if (existsSync(file)) copyFileSync(file, path.join(directory, name));
    }
  }

  /** Puts such a copy in the place of the store. */
  async restore(directory: string): Promise<void> {
    await this.#store.close();
    for (const name of STORE_FILES) {
      const [file, copy] = [path.join(this.directory, name), path.join(directory, name)];
      rmSync(file, { force: true });
      if (existsSync(copy)) copyFileSync(copy, file);
    }
    await this.#open();
  }

  async #open(): Promise<void> {
    await this.#store.close();
    this.#store = openStore<LedgerTables>(path.join(this.directory, 'store.db'), LEDGER_MIGRATIONS);
    this.ledger = new StoredLedger({ store: this.#store, holder: this.name, clock: localClock });
  }

  async close(): Promise<void> {
    await this.#store.close();
  }
}

export class PooledLab implements Disposable {
  readonly network = new MemoryNetwork();
  readonly states: RunState[] = [];
  readonly #root = mkdtempSync(path.join(tmpdir(), 'kakehashi-lab-'));

  readonly study: Study;
  readonly studyKeys: StudyKeys;
  readonly holders: readonly LabHolder[];
  readonly record: MemoryRecord;

  private constructor(study: Study, keys: StudyKeys, names: readonly string[]) {
    this.study = study;
    this.studyKeys = keys;
    this.holders = names.map((name) => {
      const key = keys.identity.get(name);
      if (key === undefined) throw new Error(`no identity of ${name}`);
      return new LabHolder(name, key, path.join(this.#root, name));
    });
    this.record = new MemoryRecord(this.network, this.holders);
  }

  /** A signed study and a loaded cohort for every holder named in `csv`. */
  static async open(csv: Record<string, string>, options: StudyOptions = {}): Promise<PooledLab> {
    const lab = await PooledLab.empty(Object.keys(csv), options);
    for (const holder of lab.holders) await holder.load(lab.study, csv[holder.name] ?? '');
    return lab;
  }

  /** The same with counts that are the same in every cell instead of rows. */
  static async counting(
    counts: Record<string, bigint>,
    options: StudyOptions = {},
  ): Promise<PooledLab> {
    const lab = await PooledLab.empty(Object.keys(counts), options);
    for (const holder of lab.holders) {
      const count = counts[holder.name] ?? 0n;
      holder.cohort = {
        epoch: () => Promise.resolve('e'.repeat(64)),
        noisedVector: (_plan, noise) => Promise.resolve(noise.map((value) => value + count)),
      };
      await holder.book(lab.study.id, 'e'.repeat(64));
    }
    return lab;
  }

  static async empty(names: readonly string[], options: StudyOptions): Promise<PooledLab> {
    const keys = studyKeys(names);
    const lab = new PooledLab(acceptedStudy(keys, options), keys, names);
    for (const holder of lab.holders) {
      const budget = lab.study.budget.get(holder.name);
      if (budget === undefined) throw new Error('no budget');
      await holder.ledger.grant(lab.study.id, budget);
    }
    return lab;
  }

  compile(query: Record<string, Json>, attempt = 1, epoch = 1): CompiledRun {
    return compiledRun(this.study, this.studyKeys, query, attempt, epoch);
  }

  hold(holder: LabHolder, run: CompiledRun, noise: Noise): Promise<string> {
    const ports = holder.ports(this.network, run, noise);
    if (run.plan.inside === undefined) return holdPooledAggregate(run, ports);
    const chooser = holder.chooser ?? holder.rows();
    return holdInside(run, { ...ports, chooser, coins: hasCoins(noise) ? noise : SYSTEM_COINS });
  }

  assemble(run: CompiledRun): Promise<Assembled> {
    const blobs = new MemoryBlobs();
    const identities = new Map(this.study.holders.map(({ name, identity }) => [name, identity]));
    const assembling = run.plan.inside === undefined ? assemblePooledAggregate : assembleInside;
    return assembling(run, identities, {
      clock: localClock,
      log: silentLog,
      blobs,
      record: this.record,
      jobs: inlineJobs({ blobs, results: new MemoryJobResults(), handlers: JOB_HANDLERS }),
      relay: {
        receive: (kind, from) => this.network.receive(run.run, 'sandbox', kind, from),
      },
      progress: (state) => {
        this.states.push(state);
        return Promise.resolve();
      },
    });
  }

  /** Every party of one run at once. */
  async release(query: Record<string, Json>, noise: Noise, attempt = 1): Promise<Assembled> {
    const run = this.compile(query, attempt);
    const taking = this.holders.filter(({ name }) => run.plan.holders.includes(name));
    const held = taking.map((holder) => this.hold(holder, run, noise));
    const [assembled] = await Promise.all([this.assemble(run), ...held]);
    return assembled;
  }

  [Symbol.dispose](): void {
    for (const holder of this.holders) void holder.close();
    rmSync(this.#root, { recursive: true, force: true });
  }
}
