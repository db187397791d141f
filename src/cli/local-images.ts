/** Images of a study between parties on this machine: their clauses, their signatures, their way to the sandbox. @module */
import type { Json } from '../base/canonical-json.ts';
import type { Digest } from '../base/hash.ts';
import { systemRng } from '../base/rng.ts';
import type { SigningKey } from '../base/sign.ts';
import { systemClock } from '../engine/clock.ts';
import { ImagesWire } from '../engine/transport/images-wire.ts';
import { signedRequest } from '../engine/transport/signed-request.ts';
import type { Declaration } from '../image/declaration.ts';
import { imageDigest } from '../image/layout.ts';
import { type ImageSigners, signImage } from '../image/signature.ts';
import { type ImageClause, READS_ROWS } from '../study/image-clause.ts';
import { imageArchive } from './image-file.ts';

/** An image before anybody signed it. */
export type LocalImage = {
  readonly declaration: Declaration;
  readonly wasm: Uint8Array;
  /** Runs in the sandbox, over rows that holders upload. */
  readonly inSandbox?: boolean;
};

/** What a study says of an image: at every holder, or in the sandbox of an operator. */
export const imageClause = (
  { declaration, wasm }: LocalImage,
  signers: ImageSigners,
  boundary: ImageClause['boundary'] = 'bubblewrap',
  sandbox?: ImageClause['sandbox'],
): Json => ({
  digest: imageDigest(declaration, wasm),
  ...(sandbox === undefined
    ? { place: 'holder' }
    : { place: 'sandbox', sandbox: { ...sandbox, clause: READS_ROWS } }),
  boundary,
  declaration: declaration as unknown as Json,
  signers: {
    author: signers.author,
    parties: { ...signers.parties, keys: [...signers.parties.keys] },
  },
});

export type ImageKeys = {
  readonly author: SigningKey;
  readonly parties: readonly SigningKey[];
};

/** All of them must have signed. */
export const signersOf = ({ author, parties }: ImageKeys): ImageSigners => ({
  author: author.publicText,
  parties: { need: parties.length, keys: parties.map(({ publicText }) => publicText) },
});

/** Signs as everybody and pushes as the analyst. */
export async function pushLocalImages(
  images: readonly LocalImage[],
  {
    study,
    keys,
    sandbox,
    analyst,
  }: {
    readonly study: Digest;
    readonly keys: ImageKeys;
    readonly sandbox: string;
    readonly analyst: SigningKey;
  },
): Promise<void> {
  const wire = new ImagesWire(
    signedRequest({ origin: sandbox, key: analyst, clock: systemClock, rng: systemRng }),
  );
  for (const image of images) {
    const digest = imageDigest(image.declaration, image.wasm);
    const archive = imageArchive(image, [
      signImage(keys.author, digest, { role: 'author' }),
      ...keys.parties.map((key) => signImage(key, digest, { role: 'party', study })),
    ]);
    await wire.push(study, digest, archive);
  }
}
