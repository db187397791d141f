/**
 * The log of a study as a file, for somebody who checks it without the sandbox: the study as it
 * was signed, every entry with its salt, and checkpoints that its holders co-signed.
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
import { entryLeaf, readEntry } from './entry.ts';
import { SaltText } from './log-proof.ts';
import { MerkleTree } from './tree.ts';

const CLOSED = { additionalProperties: false } as const;
export const EXCERPT_FORMAT = 'kakehashi/log/1';

const ExcerptShape = Type.Object(
  {
    format: Type.Literal(EXCERPT_FORMAT),
    /** The signed form of the study: its id is the origin of the log. */
    study: Type.Unknown(),
    entries: Type.Array(Type.Object({ entry: Type.Unknown(), salt: SaltText }, CLOSED)),
    checkpoints: Type.Array(Type.String({ maxLength: 16_384 }), { maxItems: 10_000 }),
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
  /** How many entries of each type. */
  readonly types: Readonly<Record<string, number>>;
};

/** Refuses with PROOF_REJECTED or SIGNATURE_REJECTED a checkpoint that is not of these entries. */
export function verifyExcerpt(
  { entries, checkpoints }: Excerpt,
  study: Digest,
  identities: ReadonlyMap<string, PublicKeyText>,
): VerifiedLog {
  const tree = new MerkleTree();
  const types = new Map<string, number>();
  for (const { entry, salt } of entries) {
    const { type } = readEntry(entry as Json);
    types.set(type, (types.get(type) ?? 0) + 1);
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
  return { tree, checkpoints: stood, cosigned, types: Object.fromEntries([...types].sort()) };
}
