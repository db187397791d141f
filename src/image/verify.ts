/**
 * Whether an image is the one that a study names. Every holder does this for itself, on the bytes that
 * it is about to run: the sandbox that kept them is not believed.
 * @module
 */
import { canonicalJson } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { Declaration } from './declaration.ts';
import { type Files, type Image, readLayout } from './layout.ts';
import { checkImage } from './reject.ts';
import { type ImageSigners, isSigned } from './signature.ts';

export type AgreedImage = {
  readonly digest: Digest;
  /** As the stewards signed it with the study. */
  readonly declaration: Declaration;
  readonly signers: ImageSigners;
};

const text = (declaration: Declaration): string => canonicalJson(declaration);

/** Refuses with IMAGE_REJECTED, saying why, or IMAGE_UNSIGNED. */
export function verifyImage(
  files: Files,
  agreed: AgreedImage,
  study: Digest,
  revoked?: ReadonlySet<PublicKeyText>,
): Image {
  const image = readLayout(files);
  checkImage(image.digest === agreed.digest, 'OTHER_IMAGE');
  checkImage(text(image.declaration) === text(agreed.declaration), 'DECLARATION');
  const wanted = { image: image.digest, study, signers: agreed.signers };
  check(isSigned(image.signatures, wanted, revoked), 'IMAGE_UNSIGNED', image.digest);
  return image;
}
