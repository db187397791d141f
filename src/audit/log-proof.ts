/**
 * That an entry stands in a log which every holder of its study co-signed: the entry with its
 * salt, its path, and the checkpoint. Checked by anybody, without the sandbox.
 * @module
 */
import { type Static, Type } from 'typebox';
import { fromHex } from '../base/bytes.ts';
import type { Json } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import { type Checkpoint, checkCosigned, readNote } from './checkpoint.ts';
import { DigestText, entryLeaf, type LogEntry, readEntry, type UnknownEntry } from './entry.ts';
import { verifyInclusion } from './inclusion.ts';

export const SaltText = Type.String({ pattern: '^[0-9a-f]{32}$' });

/** Log of 2^53 entries at most: no path is longer. */
export const PathText = Type.Array(DigestText, { maxItems: 64 });

export const LogProofShape = Type.Object(
  {
    entry: Type.Unknown(),
    salt: SaltText,
    index: Type.Integer({ minimum: 0 }),
    path: PathText,
    /** The note: text and signature lines. */
    checkpoint: Type.String({ maxLength: 16_384 }),
  },
  { additionalProperties: false },
);

export type LogProof = Static<typeof LogProofShape>;

/** Where an entry is, without the checkpoint that it is proved against. */
export type Place = Omit<LogProof, 'checkpoint'>;

/** The entry of `place`, which is in the log of `checkpoint`; PROOF_REJECTED where it is not. */
export function checkPlace(place: Place, { size, root }: Checkpoint): LogEntry | UnknownEntry {
  const entry = readEntry(place.entry as Json);
  const leaf = entryLeaf(fromHex(place.salt), place.entry as Json);
  const path = place.path.map(fromHex);
  verifyInclusion({ index: place.index, size, leaf, path }, fromHex(root));
  return entry;
}

export type Proved = { readonly entry: LogEntry | UnknownEntry; readonly checkpoint: Checkpoint };

/** Checks a proof against the identity keys of the holders of `study`. */
export function verifyLogProof(
  proof: LogProof,
  study: Digest,
  identities: ReadonlyMap<string, PublicKeyText>,
): Proved {
  const note = readNote(proof.checkpoint);
  const { checkpoint } = note;
  check(checkpoint.study === study, 'PROOF_REJECTED', 'checkpoint of another study');
  checkCosigned(note, identities);
  return { entry: checkPlace(proof, checkpoint), checkpoint };
}
