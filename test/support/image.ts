/** Images for tests: declarations, layouts, signatures. */
import type { Digest } from '../../src/base/hash.ts';
import { SigningKey } from '../../src/base/sign.ts';
import type { Declaration } from '../../src/image/declaration.ts';
import { imageDigest, writeLayout } from '../../src/image/layout.ts';
import { type ImageSigners, signImage } from '../../src/image/signature.ts';
import { parseModule } from '../../src/image/wasm/module.ts';

export const declaration = (change: Partial<Declaration> = {}): Declaration => ({
  format: 'kakehashi/image/1',
  name: 'test-image',
  version: '1.0.0',
  author: 'Tests',
  abi: 1,
  mode: 'block',
  columns: [{ name: 'age', type: 'int64' }],
  fields: [{ name: 'answer', min: 0, max: 100, default: 50 }],
  memory: 2,
  fuel: 1_000_000,
  ...change,
});

/** For the memory that the binary has. */
export const declarationFor = (wasm: Uint8Array, change: Partial<Declaration> = {}): Declaration =>
  declaration({ memory: parseModule(wasm).memory.maximum, ...change });

export type SignedImage = {
  readonly digest: Digest;
  readonly declaration: Declaration;
  readonly author: SigningKey;
  readonly parties: readonly SigningKey[];
  readonly signers: ImageSigners;
  /** The layout with signatures of the author and of all parties, for a study. */
  readonly filesFor: (study: Digest) => Map<string, Uint8Array>;
};

export function signedImage(
  wasm: Uint8Array,
  change: Partial<Declaration> = {},
  parties: readonly SigningKey[] = [SigningKey.generate()],
): SignedImage {
  const own = declarationFor(wasm, change);
  const digest = imageDigest(own, wasm);
  const author = SigningKey.generate();
  return {
    digest,
    declaration: own,
    author,
    parties,
    signers: {
      author: author.publicText,
      parties: { need: parties.length, keys: parties.map(({ publicText }) => publicText) },
    },
    filesFor: (study) =>
      writeLayout(own, wasm, [
        signImage(author, digest, { role: 'author' }),
        ...parties.map((key) => signImage(key, digest, { role: 'party', study })),
      ]),
  };
}
