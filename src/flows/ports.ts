/**
 * What the flows need from the world. Adapters are in engine/, tests bring their own.
 *
 * Nothing here hands out an exact aggregate: a cohort gives a noised vector or nothing.
 * @module
 */
import type { Checkpoint } from '../audit/checkpoint.ts';
import type { EntryOf } from '../audit/entry.ts';
import type { Place } from '../audit/log-proof.ts';
import type { Cbor } from '../base/codec.ts';
import type { Digest } from '../base/hash.ts';
import type { Rational } from '../base/rational.ts';
import type { Rng } from '../base/rng.ts';
import type { SigningKey } from '../base/sign.ts';
import type { Vault } from '../base/vault.ts';
import type { Plan } from '../cohort/plan.ts';
import type { Batches } from '../base/batches.ts';
import type { KeyIdentity, KeyShare } from '../he/collective/key.ts';
import type { Parameters } from '../he/ring/parameters.ts';
import type { Amount, LedgerHead } from '../ledger/entry.ts';
import type { Request } from '../ledger/filter.ts';
import type { Account } from '../ledger/state.ts';
import type { DuringRun } from './during-run.ts';
import type { FrameKind } from './frame.ts';
import type { Images } from './image-ports.ts';

export type { Batches, Rng };

export interface Clock {
  now(): Date;
  /** Resolves at `instant`, at once where it has passed. */
  until(instant: Date): Promise<void>;
}

/** The operator's log. Fields are ids, codes, sizes; never a value of a cohort. */
export interface Log {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** Immutable bytes by SHA-256; `put` returns after they are durable. */
export interface Blobs {
  put(bytes: Uint8Array): Promise<Digest>;
  /** Refuses with NOT_FOUND; verifies the digest. */
  get(digest: Digest): Promise<Uint8Array>;
  has(digest: Digest): Promise<boolean>;
}

/** A store that can also forget: encrypted columns are deleted when their holder says so. */
export interface ErasableBlobs extends Blobs {
  /** Durable when it returns; nothing where there is no such blob. */
  delete(digest: Digest): Promise<void>;
}

/** A pure function of blobs. Running it twice is harmless; `key` names the result. */
export type Job = {
  readonly kind: string;
  readonly inputs: readonly Digest[];
  readonly params: Cbor;
  readonly key: string;
};

export interface Jobs {
  /** The digest of the result, persisted before it is acknowledged. */
  submit(job: Job): Promise<Digest>;
}

/**
 * Noise drawn once for a reservation. `sealedSeed` is encrypted under a key of this holder;
 * `commitment` is salted with 256 bits and goes into the ledger (rulings 20).
 */
export type NoiseTicket = { readonly sealedSeed: Uint8Array; readonly commitment: Digest };

/** Draws that stand side by side. */
export type NoiseRun = { readonly variance: Rational; readonly count: number };

export interface Noise {
  /** Noise for exactly these draws: drawn beforehand where it can be (rulings 20). */
  ticket(runs: readonly NoiseRun[]): NoiseTicket;
  /**
   * Draws of the discrete Gaussian with each run's variance, run after run: the same for the
   * same ticket and runs. A ticket is never drawn from for other runs (rulings 20).
   */
  draw(ticket: NoiseTicket, runs: readonly NoiseRun[]): Promise<BigInt64Array>;
}

/** The only way from rows to numbers. */
export interface Cohort {
  /** Salted commitment to the loaded content: the dataset epoch. Refuses with COHORT_MISSING. */
  epoch(study: Digest): Promise<Digest>;
  /**
   * The plan's values on this cohort plus `noise`, element by element; `noise` is consumed. Never
   * fails because of a row: a fault, or work that is not done at `deadline`, gives zeros plus
   * noise and a local alarm (rulings 13). What the sandbox has to do for it is tried until the run has ended.
   */
  noisedVector(
    plan: Plan,
    noise: BigInt64Array,
    deadline: Date,
    during: DuringRun,
  ): Promise<BigInt64Array>;
}

/** What a holder promises to a run, and what its ledger calls it. */
export type ReserveRequest = Omit<Request, 'plan' | 'commitment'> & {
  readonly planDigest: Digest;
  readonly ticket: NoiseTicket;
};

export type Reserved = {
  /** False when a stored noised vector is used again: nothing is charged. */
  readonly charged: boolean;
  readonly head: LedgerHead;
  /** The ticket of the reservation that stands, which may be an earlier one. */
  readonly ticket: NoiseTicket;
};

/** One holder's authoritative ledger (rulings 16 to 18). Every method is durable when it returns. */
export interface Ledger {
  /** Records the budget a study grants at this holder; once for each study, idempotent. */
  grant(study: Digest, amount: Amount): Promise<void>;
  /**
   * Idempotent by run; charged in every epoch of persons that is counted. Refuses with the code of the
   * ceiling that does not hold it (ledger/ceilings.ts), charging nothing; COHORT_CHANGED for other rows.
   */
  reserve(request: ReserveRequest): Promise<Reserved>;
  /** From here on the reservation is spent whatever happens. COHORT_CHANGED where other rows were loaded. */
  touch(run: Digest): Promise<void>;
  /** Keeps the noised vector under the run's vector key before anything leaves. */
  keepVector(run: Digest, vector: Digest): Promise<void>;
  /** The stored noised vector of this run's vector key, where there is one. */
  vector(run: Digest): Promise<Digest | undefined>;
  settle(run: Digest, release: Digest): Promise<void>;
  /** Whether this holder touched data for `run`, by itself: false for a replay and an unknown run. */
  touched(run: Digest): Promise<boolean>;
  /** Ends the reservation free; refuses with PROTOCOL_STATE once touched; nothing for an unknown run. */
  abort(run: Digest): Promise<void>;
  account(study: Digest): Promise<Account>;
  head(): Promise<LedgerHead>;
}

/** Durable execution: what a step returned once, it returns for ever. */
export interface Steps {
  /**
   * Returns the stored result of (run, name), or computes, stores durably and returns it.
   * Publishes `name` on diagnostics_channel('kakehashi:step') once it is durable.
   */
  once(run: Digest, name: string, compute: () => Promise<Uint8Array>): Promise<Uint8Array>;
}

/** This holder's end of one run on the wire (DESIGN section 9). */
export interface Relay {
  /**
   * Numbered, signed and stored before it is sent, then sent until acknowledged. `body` is asked
   * for once in the life of a run: sending (kind, to) again sends nothing new.
   */
  send(kind: FrameKind, to: string, body: () => Promise<Uint8Array>): Promise<void>;
  /**
   * The body of `kind` that `from` signed; waits for it, also over a restart. Refuses with
   * RUN_ABORTED once a holder of the run has sent a refusal and the message is not there.
   */
  receive(kind: FrameKind, from: string): Promise<Uint8Array>;
}

/** Heads of other holders' ledgers, kept so that an older one or a fork is noticed (rulings 19). */
export interface Mirrors {
  /** The head with the largest sequence that `holder` showed so far. */
  last(holder: string): Promise<LedgerHead | undefined>;
  /** Remembers a head; refuses with LEDGER_ROLLBACK one whose number was seen with another hash. */
  see(holder: string, head: LedgerHead): Promise<void>;
}

/** This holder's additive share of a collective key (rulings 2, 6). */
export interface KeyShares {
  /** The share of the key under one parameter set, drawn and stored durably at its first use. */
  share(key: KeyIdentity, parameters: Parameters): Promise<KeyShare>;
  /**
   * Counts the ciphertexts that `run` will open under this key, durably, once for each run. Refuses
   * with KEY_EPOCH above 2^20 and where a later epoch was entered.
   */
  enter(key: KeyIdentity, run: Digest, ciphertexts: number): Promise<void>;
}

/** What one holder brings to a flow. */
export type HolderPorts = {
  readonly holder: string;
  readonly key: SigningKey;
  readonly vault: Vault;
  readonly rng: Rng;
  readonly clock: Clock;
  readonly log: Log;
  readonly steps: Steps;
  readonly blobs: Blobs;
  readonly ledger: Ledger;
  readonly noise: Noise;
  readonly cohort: Cohort;
  readonly keys: KeyShares;
  /** Where the polynomials of a vector are computed; nothing of it is stored. */
  readonly batches: Batches;
  readonly mirrors: Mirrors;
  readonly relay: Relay;
  /** See `DuringRun`; none where nothing can end a run. */
  readonly ended?: AbortSignal;
  /** None where no program runs. */
  readonly images?: Pick<Images, 'evidence'>;
};

/** An entry in the log of a study, and the checkpoint that its holders were asked to co-sign. */
export type Entered = Place & { readonly checkpoint: Checkpoint };

/** The joint log of a study at the sandbox (audit/). */
export interface StudyRecord {
  /**
   * Enters the release of `run`, once, and asks every holder to co-sign a checkpoint with it in;
   * durable when it returns. Again, it returns what stands.
   */
  release(study: Digest, run: Digest, entry: EntryOf<'release'>): Promise<Entered>;
}

/** What the sandbox brings: it relays, adds, combines and records, and holds no key. */
export type SandboxPorts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly blobs: Blobs;
  readonly jobs: Jobs;
  /** Read side of the relay: the body of a frame whose signature was checked on arrival. */
  readonly relay: Pick<Relay, 'receive'>;
  readonly record: StudyRecord;
  /** Called at every change of state, in order, durably. */
  readonly progress: (state: RunState) => Promise<void>;
};

/** DESIGN section 9, "Run states". */
export const RUN_STATES = [
  'draft',
  'priced',
  'waiting for approval',
  'reserving',
  'computing',
  'sharing',
  'released',
  'refused',
  'aborted',
  'incomplete',
  'stopped',
] as const;

export type RunState = (typeof RUN_STATES)[number];
