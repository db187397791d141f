/** Holders as their process wires them, over real stores, with a test in the place of the sandbox. */
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { canonicalBytes, type Json } from '../../src/base/canonical-json.ts';
import type { Digest } from '../../src/base/hash.ts';
import { systemRng } from '../../src/base/rng.ts';
import { Vault } from '../../src/base/vault.ts';
import { emptyFrames, withdrawFrames } from '../../src/engine/stores/frame-upkeep.ts';
import { FileKeyShares } from '../../src/engine/keys/key-shares.ts';
import type { HolderFrames } from '../../src/engine/stores/holder-frames.ts';
import { HolderNarrowings } from '../../src/engine/stores/holder-narrowings.ts';
import type { HolderRuns } from '../../src/engine/stores/holder-runs.ts';
import { StoredLedger } from '../../src/engine/stores/ledger-store.ts';
import { StoredSteps } from '../../src/engine/stores/steps-store.ts';
import {
  decodeFrame,
  EVERYONE,
  type Frame,
  SANDBOX,
  unsignedFrame,
} from '../../src/flows/frame.ts';
import { inThread } from '../../src/he/collective/vector-batches.ts';
import { compileRun } from '../../src/flows/pooled/compile-run.ts';
import { SECRET_STEPS } from '../../src/flows/pooled-aggregate.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { Studies } from '../../src/holder/studies.ts';
import { Supervisor } from '../../src/holder/supervisor.ts';
import { Witness } from '../../src/holder/witness.ts';
import { inOneThread } from '../../src/psi/vole/vole-batches.ts';
import { type RunStores, runStores } from './run-stores.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { MemoryBlobs } from '../support/memory-blobs.ts';
import { localClock, silentLog } from '../support/memory-ports.ts';
import { scratch } from '../support/scratch.ts';
import {
  acceptedStudy,
  signedQuery,
  signedStudy,
  studyDraft,
  studyKeys,
} from '../support/study.ts';

/** Of what a holder counts here: one for every run, so that four fill an epoch. */
const CIPHERTEXTS_OF_AN_EPOCH = 4;

export const KEYS = studyKeys(['jp', 'lu']);
export const STUDY: Study = acceptedStudy(KEYS);
const SIGNED = canonicalBytes(signedStudy(studyDraft(KEYS), KEYS));

export class Party {
  readonly name: string;
  readonly store: RunStores['store'];
  readonly frames: HolderFrames;
  readonly runs: HolderRuns;
  readonly ledger: StoredLedger;
  readonly steps: StoredSteps;
  readonly studies: Studies;
  readonly #checkpoints: RunStores['checkpoints'];
  readonly #blobs = new MemoryBlobs();
  readonly #keys: FileKeyShares;
  #supervisor: Supervisor;
  #position = 0;

  constructor(name: string) {
    this.name = name;
    const { store, frames, runs, checkpoints } = runStores();
    [this.store, this.frames, this.runs, this.#checkpoints] = [store, frames, runs, checkpoints];
    this.steps = new StoredSteps(this.store);
    this.ledger = new StoredLedger({ store: this.store, holder: name, clock: localClock });
    const identity = [...KEYS.identity].map(([who, key]) => [who, key.publicText] as const);
    this.studies = new Studies({
      holder: name,
      identity: KEYS.identity.get(name)?.publicText ?? '',
      others: Object.fromEntries(identity.filter(([who]) => who !== name)),
      stewards: [KEYS.steward.get(name)?.publicText ?? ''],
      runs: this.runs,
      narrowings: new HolderNarrowings(this.store),
      ledger: this.ledger,
      clock: localClock,
    });
    const key = KEYS.identity.get(name);
    if (key === undefined) throw new Error('no key');
    this.#keys = new FileKeyShares({
      directory: scratch(),
      vault: new Vault(key, systemRng),
      rng: systemRng,
      holder: name,
      enter: (use) => this.runs.enterEpoch(use, CIPHERTEXTS_OF_AN_EPOCH),
      made: (share) => this.runs.keyMade(share),
      remember: (share) => this.runs.rememberKey(share),
    });
    this.#supervisor = this.#start();
    onTestFinished(async () => {
      await this.#supervisor.close();
      await this.store.close();
    });
  }

  get supervisor(): Supervisor {
    return this.#supervisor;
  }

  #start(): Supervisor {
    const key = KEYS.identity.get(this.name);
    if (key === undefined) throw new Error('no key');
    return new Supervisor({
      reserved: async (run) => {
        const status = (await this.ledger.state()).runs.get(run)?.status;
        return status !== undefined && status !== 'aborted';
      },
      ports: {
        holder: this.name,
        key,
        vault: new Vault(key, systemRng),
        rng: systemRng,
        clock: localClock,
        log: silentLog,
        steps: this.steps,
        blobs: this.#blobs,
        ledger: this.ledger,
        noise: ExactNoise,
        cohort: {
          epoch: async (study) => {
            const [version, people] = ['e'.repeat(64), 'd'.repeat(64)];
            const first = (await this.ledger.state()).epochs.size === 0;
            await this.ledger.load(study, {
              version,
              epochs: [1],
              people: first ? people : undefined,
            });
            return version;
          },
          noisedVector: (_plan, noise) => Promise.resolve(noise.map((value) => value + 3n)),
        },
        keys: this.#keys,
        batches: inThread,
        mirrors: this.runs,
      },
      access: {
        chooser: { chosen: () => Promise.reject(new Error('a run inside')) },
        coins: {
          coins: () => {
            throw new Error('a run inside');
          },
        },
        people: {
          groupedPeople: () => Promise.reject(new Error('a linked run')),
          measuredPeople: () => Promise.reject(new Error('a linked run')),
        },
        batches: inOneThread,
        records: () => {
          throw new Error('a linked run');
        },
      },
      runs: this.runs,
      frames: this.frames,
      studies: this.studies,
      witness: new Witness({
        holder: this.name,
        key,
        frames: this.frames,
        checkpoints: this.#checkpoints,
        log: silentLog,
      }),
      forget: async (run) => {
        await this.steps.forget(run, SECRET_STEPS);
        await emptyFrames(this.store, run);
      },
      withdraw: async (run) => {
        await withdrawFrames(this.store, run);
      },
      wake: () => undefined,
    });
  }

  /** The process ends and starts again. */
  async restart(): Promise<void> {
    await this.#supervisor.close();
    this.#supervisor = this.#start();
    await this.#supervisor.resume();
  }

  /** As the link hands it on. */
  async take(frame: Frame): Promise<void> {
    this.#position += 1;
    if (frame.from === SANDBOX) await this.#supervisor.deliver(frame);
    else if ((await this.frames.accept(frame, this.#position)) === 'new') {
      await this.#supervisor.deliver(frame);
    }
  }

  /** What the sandbox says, true or not. */
  say(
    kind: 'study' | 'query' | 'checkpoint',
    study: Digest,
    run: Digest,
    body: Uint8Array,
  ): Promise<void> {
    const frame = { study, run, from: SANDBOX, to: EVERYONE, sequence: 1, kind, body };
    return this.take(unsignedFrame(frame));
  }

  async accept(): Promise<void> {
    await this.say('study', STUDY.id, STUDY.id, SIGNED);
  }

  /** Everything it ever put into its outbox for `run`, sent or not. */
  async kinds(run: Digest): Promise<string[]> {
    const query = this.store.db.selectFrom('outbox').select('kind').where('run', '=', run);
    return (await this.store.all(query)).map(({ kind }) => kind);
  }

  async amounts(): Promise<{ reserved: string; spent: string }> {
    const { reserved, spent } = await this.ledger.account(STUDY.id);
    return { reserved: reserved.rho.toString(), spent: spent.rho.toString() };
  }
}

export const SIGNED_STUDY = SIGNED;
export const SIGNED_JSON: Json = signedStudy(studyDraft(KEYS), KEYS);

/** One signed query, under as many attempts as a sandbox likes. */
export function question(
  body: Record<string, Json> = { groupBy: ['sex'], rho: '1/10' },
  study: Study = STUDY,
) {
  const query = signedQuery(study, KEYS, body);
  return (attempt = 1, epoch = 1): { run: Digest; body: Uint8Array } => ({
    run: compileRun(study, { query, attempt, epoch }).run,
    body: canonicalBytes({ query, attempt, epoch }),
  });
}

/**
 * Carries frames between `parties` until `done`. What `held` names, as in `lu/share`, stays in
 * its outbox with everything behind it.
 */
export async function carry(
  parties: readonly Party[],
  done: () => boolean | Promise<boolean>,
  held?: string,
): Promise<void> {
  for (let turn = 0; turn < 2000 && !(await done()); turn += 1) {
    for (const party of parties) {
      for (const item of await party.frames.unsent(64)) {
        const frame = decodeFrame(item.frame);
        if (`${frame.from}/${frame.kind}` === held) break;
        await party.frames.markSent(item);
        for (const other of parties) {
          const meant = frame.to === EVERYONE || frame.to === other.name;
          if (other !== party && meant) await other.take(frame);
        }
      }
    }
    await sleep(4);
  }
}

/** Until every run of every party has ended. */
export const settle = (...parties: readonly Party[]): Promise<void> =>
  carry(parties, async () => {
    const all = await Promise.all(parties.map(({ runs }) => runs.runs()));
    return all.flat().every(({ state }) => state !== 'open');
  });
