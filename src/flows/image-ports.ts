/** What a holder needs to run the images of a study (rulings 31 to 34). @module */
import type { ImageEvidence } from '../audit/image-evidence.ts';
import type { Digest } from '../base/hash.ts';
import type { ImageContent, Plan } from '../cohort/plan.ts';
import type { SignedOpening, UploadId } from './sandboxed-run.ts';

/** The walls around the process of an image: what a study signs, and evidence names. */
export type Boundary = 'bubblewrap' | 'process';

/** One table for one call of an image (image/abi.ts), and where its answers belong. */
export type ImageTable = { readonly index: number; readonly table: Uint8Array };

/** Which program of which run: a block of a plan whose content is an image. */
export type ImageCall = {
  readonly plan: Plan;
  readonly block: number;
  readonly content: ImageContent;
  /** Of a program in the sandbox; one at the holder does not ask. */
  readonly run?: Digest | undefined;
};

/** Gives the answers to a table, within the declared bounds, under the index that the table came with. */
export type Answered = (index: number, answers: readonly bigint[]) => void;

export type ImageTables = AsyncIterator<ImageTable, undefined>;

/** One upload of a holder for a program in the sandbox: filled once, then run. */
export interface Upload {
  /** Seals the tables of a call here, padded to the public size. What it throws is a fault of the data. */
  fill(tables: ImageTables, signal: AbortSignal): Promise<void>;
  /**
   * Hands over what was filled, has the program run over it, and gives its answers. Where nothing was filled, or not
   * everything, the same is done over less, so that a fault shows nowhere. Refuses with PLACE_UNAVAILABLE where the
   * sandbox does not do its part, which is no fault of the data; with the reason of `ended` where that aborts.
   */
  run(answer: Answered, ended: AbortSignal): Promise<void>;
  /** Deletes what is here. */
  close(): Promise<void>;
}

/** The run that evidence is of, and the commitment to the rows that it reads. */
export type EvidenceOf = {
  readonly plan: Plan;
  readonly run: Digest;
  readonly planDigest: Digest;
  readonly epoch: Digest;
};

/** Programs of a study, run over a holder's own rows: inside this holder, or where the study says (rulings 31, 32). */
export interface Images {
  /**
   * Fetches, verifies and loads every image of a plan, before anything is reserved. Refuses with
   * IMAGE_MISSING, IMAGE_REJECTED, IMAGE_UNSIGNED, PLACE_UNAVAILABLE.
   */
  prepare(plan: Plan, run: Digest): Promise<void>;
  /**
   * Of a program at the holder: gives the answers to every table, in whatever order. What a table is
   * answered with depends on that table alone; a program that fails gives its defaults, and nothing
   * says so. Tables are pulled as they are needed, and wiped.
   */
  answers(
    call: Pick<ImageCall, 'plan' | 'content'>,
    tables: ImageTables,
    answer: Answered,
    signal: AbortSignal,
  ): Promise<void>;
  /** Of every image of a plan, before a row is touched; in the order of blocks. */
  evidence(of: EvidenceOf): Promise<readonly ImageEvidence[]>;
  /** Of a program in the sandbox. */
  upload(call: ImageCall): Promise<Upload>;
}

/** The sandbox as the place of a run, as a holder sees it. Every call may be repeated, and ends with `signal`. */
export interface SandboxPlace {
  open(run: Digest, block: number, signal: AbortSignal): Promise<SignedOpening>;
  /** A sealed chunk. */
  store(upload: UploadId, number: number, sealed: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Runs the program over what was stored; `key` is the sealed key of the chunks. */
  execute(upload: UploadId, key: Uint8Array, signal: AbortSignal): Promise<void>;
  /** A sealed chunk of the answers. */
  answers(upload: UploadId, number: number, signal: AbortSignal): Promise<Uint8Array>;
}
