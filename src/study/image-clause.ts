/**
 * The images of a study: which programs may run, where, behind which walls, and whose signatures they
 * need (rulings 31, 32). The declaration of each stands in full in the draft, so that stewards sign
 * what they read; what it means is image/'s to say, and is passed in.
 * @module
 */
import { type Static, Type } from 'typebox';
import type { Json } from '../base/canonical-json.ts';
import type { InputError } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { isPlainLine, pointerTo, shapeErrors } from '../base/input.ts';
import { isPublicKey, type PublicKeyText } from '../base/sign.ts';

const CLOSED = { additionalProperties: false } as const;
const Key = Type.String({ minLength: 1, maxLength: 64 });

/**
 * What stewards sign where the program runs in the sandbox (rulings 31), in so many words: a draft has this
 * sentence or is refused.
 */
export const READS_ROWS =
  'The operator of the sandbox could read the rows that every holder uploads for runs of this image.';

/** Who runs the program where no holder does: the key signs what it says of uploads and their end. */
const SandboxShape = Type.Object(
  {
    operator: Type.String({ minLength: 1, maxLength: 200 }),
    key: Key,
    clause: Type.String({ maxLength: 400 }),
    /** Rows of several holders in one table. Nothing that is asked for here is served. */
    join: Type.Optional(Type.Unknown()),
  },
  CLOSED,
);

const ImageClauseShape = Type.Object(
  {
    digest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    /** At every holder, over its own rows; or in the sandbox, over what holders upload for a run. */
    place: Type.Enum(['holder', 'sandbox']),
    sandbox: Type.Optional(SandboxShape),
    /** `process` has one wall less, and is only for holders without bubblewrap. */
    boundary: Type.Enum(['bubblewrap', 'process']),
    declaration: Type.Unknown(),
    signers: Type.Object(
      {
        author: Key,
        parties: Type.Object(
          {
            need: Type.Integer({ minimum: 1, maximum: 64 }),
            keys: Type.Array(Key, { minItems: 1, maxItems: 64 }),
          },
          CLOSED,
        ),
      },
      CLOSED,
    ),
  },
  CLOSED,
);

export type ImageClause = {
  readonly digest: Digest;
  readonly place: 'holder' | 'sandbox';
  /** Where `place` is the sandbox. */
  readonly sandbox?: { readonly operator: string; readonly key: PublicKeyText };
  readonly boundary: 'bubblewrap' | 'process';
  readonly declaration: Json;
  readonly signers: {
    readonly author: PublicKeyText;
    readonly parties: { readonly need: number; readonly keys: readonly PublicKeyText[] };
  };
};

/** What is wrong with a declaration, with pointers below `base`. */
export type DeclarationErrors = (declaration: Json, base: string) => InputError[];

type Clause = Static<typeof ImageClauseShape>;

type Report = (code: string, ...at: readonly (string | number)[]) => void;

function signerErrors({ signers }: Clause, report: Report): void {
  const { author, parties } = signers;
  if (!isPublicKey(author)) report('KEY_INVALID', 'signers', 'author');
  parties.keys.forEach((key, i) => {
    const at = ['signers', 'parties', 'keys', i] as const;
    if (!isPublicKey(key)) report('KEY_INVALID', ...at);
    // The author's word is asked for already.
    if (key === author || parties.keys.indexOf(key) < i) report('DUPLICATE_KEY', ...at);
  });
  if (parties.need > parties.keys.length) report('OUT_OF_RANGE', 'signers', 'parties', 'need');
}

function placeErrors({ place, sandbox, boundary }: Clause, report: Report): void {
  if (place === 'holder') {
    if (sandbox !== undefined) report('UNKNOWN_FIELD', 'sandbox');
    return;
  }
  // Rows of several institutions on one machine: not behind the weaker wall.
  if (boundary !== 'bubblewrap') report('BOUNDARY_TOO_WEAK', 'boundary');
  if (sandbox === undefined) {
    report('MISSING_FIELD', 'sandbox');
    return;
  }
  const { operator, key, clause, join } = sandbox;
  if (!isPlainLine(operator, 200)) report('WRONG_FORMAT', 'sandbox', 'operator');
  if (!isPublicKey(key)) report('KEY_INVALID', 'sandbox', 'key');
  if (clause !== READS_ROWS) report('CLAUSE_MISSING', 'sandbox', 'clause');
  if (join !== undefined) report('JOIN_NOT_SERVED', 'sandbox', 'join');
}

/** Every fault of the `images` of a draft. */
export function imageErrors(images: readonly unknown[], declared: DeclarationErrors): InputError[] {
  const seen = new Set<string>();
  return images.flatMap((node, i): InputError[] => {
    const base = pointerTo('/images', i);
    const shape = shapeErrors(ImageClauseShape, node, base);
    if (shape.length > 0) return shape;
    const clause = node as Clause;
    const errors = declared(clause.declaration as Json, pointerTo(base, 'declaration'));
    const report: Report = (code, ...at) => {
      errors.push({ pointer: pointerTo(base, ...at), code });
    };
    if (seen.has(clause.digest)) report('DUPLICATE_IMAGE', 'digest');
    seen.add(clause.digest);
    signerErrors(clause, report);
    placeErrors(clause, report);
    return errors;
  });
}

/** Of a draft that has none of these errors. */
export const readImages = (images: readonly unknown[]): readonly ImageClause[] =>
  images as readonly ImageClause[];
