/**
 * What the log of a study records: typed entries, each with a schema, and an open set. A reader
 * that does not know a type still verifies its leaf and says that it does not know it.
 *
 * Fields are the fewest that let somebody who holds the evidence find it: `frame` is the digest
 * of the frame that a holder signed, `statement` of a signed statement. Everything here is known to
 * every party of the study already, and nothing of it depends on a row (rulings 13): a refusal has
 * the code that its holder said aloud. `at` is the sandbox's clock, cut to the minute: for people,
 * nothing is decided by it.
 * @module
 */
import { type Static, type TObject, type TProperties, Type } from 'typebox';
import { canonicalBytes, type Json } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import { DIGEST_PATTERN } from '../base/hash.ts';
import { shapeErrors } from '../base/input.ts';
import { NAME_PATTERN } from '../base/name.ts';
import { PUBLIC_KEY_PATTERN } from '../base/sign.ts';
import { saltedLeafHash } from './leaf.ts';

const MINUTE = '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}Z$';
const CLOSED = { additionalProperties: false } as const;

export const DigestText = Type.String({ pattern: DIGEST_PATTERN.source });
export const Name = Type.String({ pattern: NAME_PATTERN.source });
export const KeyText = Type.String({ pattern: PUBLIC_KEY_PATTERN.source });
/** Ed25519, base64url. */
export const SignatureText = Type.String({ pattern: '^[A-Za-z0-9_-]{86}$' });
export const Amount = Type.String({ pattern: '^(?:0|[1-9][0-9]*)/[1-9][0-9]*$', maxLength: 200 });
export const Head = Type.Object(
  { sequence: Type.Integer({ minimum: 0 }), hash: DigestText },
  CLOSED,
);

function entry<const T extends string, P extends TProperties>(type: T, fields: P) {
  const at = Type.String({ pattern: MINUTE });
  return Type.Object({ type: Type.Literal(type), at, ...fields }, CLOSED);
}

const Signed = Type.Object({ holder: Name, key: KeyText, signature: SignatureText }, CLOSED);
const Attested = Type.Object({ holder: Name, digest: DigestText }, CLOSED);

const Signatures = Type.Array(Signed, { minItems: 1, maxItems: 256 });
const StudyEntry = entry('study', { signatures: Signatures });
const AcceptanceEntry = entry('acceptance', {
  holder: Name,
  frame: DigestText,
  /** The version that was accepted, where it is not the first. */
  agreement: Type.Optional(DigestText),
});
const ReservationEntry = entry('reservation', {
  run: DigestText,
  holder: Name,
  plan: DigestText,
  rho: Amount,
  charged: Type.Boolean(),
  /** A disclosure by agreement, which no amount stands for. */
  discloses: Type.Optional(Name),
  head: Head,
  frame: DigestText,
});
const ReleaseEntry = entry('release', {
  run: DigestText,
  plan: DigestText,
  released: DigestText,
  attestations: Type.Array(Attested, { minItems: 1, maxItems: 64 }),
});
/** A query that the release of run `from` answers, free (rulings 8, 9). */
const AnswerEntry = entry('answer', { run: DigestText, from: DigestText });
const RefusalEntry = entry('refusal', {
  run: DigestText,
  holder: Name,
  code: Type.String({ pattern: '^[A-Z][A-Z_]{0,40}$' }),
  touched: Type.Boolean(),
  frame: DigestText,
});
const StopEntry = entry('stop', { holder: Name, frame: DigestText });
/** A holder came back from a backup: the head it goes on from, and its new key epoch. */
const RestoreEntry = entry('restore', {
  holder: Name,
  head: Head,
  keyEpoch: Type.Integer({ minimum: 1 }),
});
/**
 * The sandbox deleted the ciphertexts of an ended run: that is its word. `statements`: of holders who
 * destroyed their keys (audit/erasure.ts), by digest; none where the retention period had passed.
 */
const ErasureEntry = entry('erasure', {
  run: DigestText,
  statements: Type.Array(Attested, { maxItems: 64 }),
});
/** Two versions of the study, and who signed the second. */
const succession = { from: DigestText, to: DigestText, signatures: Signatures };
/** Version `to` of the study came behind `from`, with the signatures under which it was taken in. */
const AmendmentEntry = entry('amendment', succession);
/** Stewards of a holder narrowed version `from`, before all have signed version `to`. */
const NarrowingEntry = entry('narrowing', succession);
const ImageEntry = entry('image', {
  image: DigestText,
  holder: Name,
  key: KeyText,
  signature: SignatureText,
});

const SHAPES = {
  study: StudyEntry,
  acceptance: AcceptanceEntry,
  reservation: ReservationEntry,
  release: ReleaseEntry,
  answer: AnswerEntry,
  refusal: RefusalEntry,
  stop: StopEntry,
  restore: RestoreEntry,
  erasure: ErasureEntry,
  amendment: AmendmentEntry,
  narrowing: NarrowingEntry,
  image: ImageEntry,
} as const satisfies Record<string, TObject>;

type Shapes = typeof SHAPES;
export type EntryType = keyof Shapes;
export type LogEntry = { [T in EntryType]: Static<Shapes[T]> }[EntryType];
export type EntryOf<T extends EntryType> = Static<Shapes[T]>;
/** Of a newer version: kept and hashed as it is. */
export type UnknownEntry = { readonly type: string; readonly at: string };

const AnyEntry = Type.Object({
  type: Type.String({ pattern: '^[a-z][a-z-]{0,30}$' }),
  at: Type.String({ pattern: MINUTE }),
});

export const isKnownType = (type: string): type is EntryType => Object.hasOwn(SHAPES, type);

/** An entry of a known type has its shape; of an unknown one a type and a time at least. */
export function readEntry(json: Json): LogEntry | UnknownEntry {
  check(shapeErrors(AnyEntry, json).length === 0, 'MALFORMED_MESSAGE', 'log entry');
  const read = json as unknown as LogEntry | UnknownEntry;
  if (isKnownType(read.type)) {
    const errors = shapeErrors(SHAPES[read.type], json);
    check(errors.length === 0, 'MALFORMED_MESSAGE', `${read.type} entry ${errors[0]?.pointer}`);
  }
  return read;
}

export const minuteOf = (time: Date): string => `${time.toISOString().slice(0, 16)}Z`;

/** The leaf of an entry: its canonical bytes behind the salt. */
export const entryLeaf = (salt: Uint8Array, json: Json | LogEntry): Uint8Array =>
  saltedLeafHash(salt, canonicalBytes(json));
