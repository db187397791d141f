/**
 * The log of a study as a file, for somebody who checks it without the sandbox: the study as it
 * was signed, every entry with its salt, checkpoints that its holders co-signed, and what holders signed
 * about the keys of ended runs.
 *
 * Entries behind the last co-signed checkpoint are the sandbox's word alone, and counted as that.
 * @module
 */
import { type Static, Type } from 'typebox';
import { fromHex, toHex } from '../base/bytes.ts';
import type { Json } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { shapeErrors } from '../base/input.ts';
import type { PublicKeyText } from '../base/sign.ts';
import { type Checkpoint, checkCosigned, readNote } from './checkpoint.ts';
import { type EntryOf, entryLeaf, readEntry } from './entry.ts';
import { erasureDigest, type SignedErasure, SignedErasureShape, verifyErasure } from './erasure.ts';
import { SaltText } from './log-proof.ts';
import { MerkleTree } from './tree.ts';

const CLOSED = { additionalProperties: false } as const;
export const EXCERPT_FORMAT = 'kakehashi/log/2';
/** Without statements of holders. */
const EARLIER_FORMAT = 'kakehashi/log/1';

const ExcerptShape = Type.Object(
  {
    format: Type.Enum([EXCERPT_FORMAT, EARLIER_FORMAT]),
    /** The signed form of the study: its id is the origin of the log. */
    study: Type.Unknown(),
    entries: Type.Array(Type.Object({ entry: Type.Unknown(), salt: SaltText }, CLOSED)),
    checkpoints: Type.Array(Type.String({ maxLength: 16_384 }), { maxItems: 10_000 }),
    /** Of holders, about the keys of ended runs. */
    statements: Type.Optional(Type.Array(SignedErasureShape)),
  },
  CLOSED,
);

export type Excerpt = Static<typeof ExcerptShape>;

/** Shape only. */
export function readExcerpt(json: Json): Excerpt {
  const errors = shapeErrors(ExcerptShape, json);
  check(errors.length === 0, 'MALFORMED_MESSAGE', `log ${errors[0]?.pointer ?? ''}`);
  return json as unknown as Excerpt;
}

export type VerifiedLog = {
  readonly tree: MerkleTree;
  readonly checkpoints: readonly Checkpoint[];
  /** Entries that a checkpoint with every line covers. */
  readonly cosigned: number;
  /** Runs whose ciphertexts the sandbox says it deleted, and what holders said about their keys. */
  readonly erasures: {
    readonly runs: number;
    /** Signed, and named by an entry. */
    readonly statements: number;
    /** Named by an entry, and not here. */
    readonly missing: number;
  };
  /** How many entries of each type. */
  readonly types: Readonly<Record<string, number>>;
};

/** Refuses with PROOF_REJECTED or SIGNATURE_REJECTED a checkpoint that is not of these entries. */
export function verifyExcerpt(
  { entries, checkpoints, statements = [] }: Excerpt,
  study: Digest,
  identities: ReadonlyMap<string, PublicKeyText>,
): VerifiedLog {
  const tree = new MerkleTree();
  const types = new Map<string, number>();
  const named: EntryOf<'erasure'>[] = [];
  for (const { entry, salt } of entries) {
    const read = readEntry(entry as Json);
    const { type } = read;
    types.set(type, (types.get(type) ?? 0) + 1);
    if (isErasure(read)) named.push(read);
    tree.append(entryLeaf(fromHex(salt), entry as Json));
  }
  const stood = checkpoints.map((text) => {
    const note = readNote(text);
    const { checkpoint } = note;
    check(checkpoint.study === study, 'PROOF_REJECTED', 'checkpoint of another study');
    checkCosigned(note, identities);
    check(checkpoint.size <= tree.size, 'PROOF_REJECTED', 'entries of a checkpoint are missing');
    const root = toHex(tree.root(checkpoint.size));
    check(root === checkpoint.root, 'PROOF_REJECTED', `entries up to ${checkpoint.size} differ`);
    return checkpoint;
  });
  const cosigned = Math.max(0, ...stood.map(({ size }) => size));
  const erasures = verifyStatements(statements, named, study, identities);
  const counted = Object.fromEntries([...types].sort());
  return { tree, checkpoints: stood, cosigned, erasures, types: counted };
}

const isErasure = (entry: { readonly type: string }): entry is EntryOf<'erasure'> =>
  entry.type === 'erasure';

/** One that no entry names yet is of a run whose ciphertexts are still kept. */
function verifyStatements(
  statements: readonly SignedErasure[],
  entries: readonly EntryOf<'erasure'>[],
  study: Digest,
  identities: ReadonlyMap<string, PublicKeyText>,
): VerifiedLog['erasures'] {
  const found = new Set<string>();
  for (const signed of statements) {
    const { holder } = signed.erasure;
    const identity = identities.get(holder);
    check(identity !== undefined, 'PROOF_REJECTED', `statement of ${holder}`);
    const said = verifyErasure(signed, identity);
    check(said.study === study, 'PROOF_REJECTED', 'statement about another study');
    found.add(`${said.of.id} ${holder} ${erasureDigest(signed)}`);
  }
  const named = entries.flatMap(({ run, statements: of }) =>
    // Those of the operator about uploads are no holder's.
    of
      .filter(({ holder }) => identities.has(holder))
      .map(({ holder, digest }) => `${run} ${holder} ${digest}`),
  );
  const shown = named.filter((one) => found.has(one)).length;
  const runs = new Set(entries.map(({ run }) => run)).size;
  return { runs, statements: shown, missing: named.length - shown };
}
