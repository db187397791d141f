/**
 * Flow 4 in its second place: a signed program runs in the sandbox, over rows that holders upload for one run.
 * Read this file first. At the holder (the first place) no row leaves it, and the rest below is not needed.
 *
 *     holder                                              sandbox
 *     open      run, block of the plan               ──▶  verifies the image, puts up the walls, makes a key in memory
 *               public key, signed by the operator   ◀──
 *     reserve   every holder, as for any query (pooled-aggregate.ts)
 *     store     tables without ids, sealed, padded   ──▶  kept as they are, sealed
 *     execute   key of the tables, sealed            ──▶  runs the program on every table; destroys the keys, deletes the tables
 *     answers   an answer for every table, sealed    ◀──
 *     clamps, adds up, adds its whole noise share: the `Cohort` port of a pooled aggregate
 *     ...       when the run is over                      signs that the keys are gone, enters it in the log of the study
 *
 * What is released, who charges and who draws noise is as in every pooled query: answers are exact, so they go back to
 * the holder whose rows they are of, and to nobody else. The sandbox draws no noise and releases nothing of it. Price,
 * ledger, deadline and receipt are those of the same program at the holder.
 *
 * What is sent  for each block of people, or each person: the columns that the signed declaration names, of the rows
 *               that the query selects, bounded as at the holder. No identifier: a person is a number in a table, in
 *               the order of a hash keyed for this study. So the operator can match a person between two runs of one
 *               study by order and values, and never between studies or holders by an id, for there is none. A
 *               study that asks to join the rows of several holders is refused (JOIN_NOT_SERVED).
 * Sealed        chunks with AES-256-GCM under a key that the holder draws for this upload; that key with HPKE (base/seal.ts)
 *               to the key of this upload, which the operator's key of the study signed. Study, run, holder, block, image and
 *               upload are in the context: nothing opens anywhere else (rulings 36).
 * At rest       sealed. The private key is in the memory of the sandbox's process only, so that the data directory and its
 *               backups never hold what opens a row; a restart destroys it, and the holder uploads again.
 * Adversary     the relay, other holders, the analyst, whoever reads the disk of the sandbox before or after: see sealed
 *               bytes of a public size. An analyst sees released output only.
 * Assumption    **an honest operator**, which is what stewards sign (study/image-clause.ts). The operator can read the
 *               rows while a run lasts, keep them, and answer with any function of all of them: then a person moves
 *               more than one block, and the price of the release does not hold against an analyst who is told. With
 *               an operator who follows the plan it does.
 * Leakage       to the operator the rows, as signed. To the others: that a run uploads, public sizes, times by the
 *               schedule of the run; entry and statement of its end come after the run has ended. Not hidden: whoever
 *               can measure the load of the sandbox's machine sees how long a program ran (the same program at the holder
 *               shares no machine with the analyst).
 * Not given     that nobody kept a copy: the statement is the operator's word about its keys and files (rulings 38).
 * @module
 */
import { canonicalBytes } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { DOMAIN, type PublicKeyText, type SigningKey, verifyObject } from '../base/sign.ts';

export type UploadId = { readonly run: Digest; readonly upload: Digest };

/** What the operator signs when an upload is opened; all of it is public. */
export type Opening = {
  readonly format: 'kakehashi/upload/1';
  readonly study: Digest;
  readonly run: Digest;
  readonly holder: string;
  /** Of the plan. */
  readonly block: number;
  readonly image: Digest;
  readonly upload: Digest;
  /** Of base/seal.ts, base64url. */
  readonly publicKey: string;
  /** Padded, before it is sealed: cohort/upload-size.ts. */
  readonly bytes: number;
  /** When the sandbox destroys the key at the latest. */
  readonly expires: string;
  readonly evidence: PlaceEvidence;
};

/** Software's word about where and how the program runs; digests of the module after the meter and of the runner. */
export type PlaceEvidence = {
  readonly metered: Digest;
  readonly runner: Digest;
  readonly boundary: 'bubblewrap' | 'process';
  readonly seccomp: boolean;
};

export type SignedOpening = {
  readonly opening: Opening;
  readonly key: PublicKeyText;
  readonly signature: string;
};

/** What a holder knows of the upload that it asked for. */
export type ExpectedOpening = Pick<
  Opening,
  'study' | 'run' | 'holder' | 'block' | 'image' | 'bytes'
>;

export function signOpening(opening: Opening, key: SigningKey): SignedOpening {
  const signature = key.signObject(DOMAIN.upload, opening);
  return { opening, key: key.publicText, signature };
}

/** Refuses with SIGNATURE_REJECTED what the operator of the study did not sign for exactly this. */
export function checkOpening(
  { opening, key, signature }: SignedOpening,
  operator: PublicKeyText,
  expected: ExpectedOpening,
): Opening {
  const signed = key === operator && verifyObject(operator, DOMAIN.upload, opening, signature);
  const same = Object.entries({ format: 'kakehashi/upload/1', ...expected }).every(
    ([name, value]) => opening[name as keyof Opening] === value,
  );
  check(signed && same, 'SIGNATURE_REJECTED', 'opening of an upload');
  return opening;
}

/** What the key of the chunks is sealed in. */
export const uploadContext = (opening: Opening): Uint8Array => canonicalBytes(opening);
