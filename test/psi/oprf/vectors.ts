/**
 * The published vectors beside this file: RFC 9497 appendix A (cfrg/draft-irtf-cfrg-voprf@43da59f7,
 * poc/vectors/allVectors.json, the suites ristretto255-SHA512 and P256-SHA256) and RFC 9380 appendices J.1.1
 * and K (cfrg/draft-irtf-cfrg-hash-to-curve@664b1359, poc/vectors). Facts of the RFCs, unchanged.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '../../../src/base/bytes.ts';
import type { Rng } from '../../../src/base/rng.ts';
import type { OprfGroup } from '../../../src/psi/oprf/group.ts';
import { p256Sha256 } from '../../../src/psi/oprf/p256-sha256.ts';
import { ristretto255Sha512 } from '../../../src/psi/oprf/ristretto255-sha512.ts';

export const readVectors = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'vectors', name), 'utf8'));

export type OprfVector = {
  readonly Batch: number;
  readonly Blind: string;
  readonly BlindedElement: string;
  readonly EvaluationElement: string;
  readonly Input: string;
  readonly Output: string;
  readonly Proof?: { readonly proof: string; readonly r: string };
};

export type OprfSuite = {
  readonly groupDST: string;
  readonly identifier: string;
  readonly mode: number;
  readonly keyInfo: string;
  readonly seed: string;
  readonly skSm: string;
  readonly pkSm?: string;
  readonly vectors: readonly OprfVector[];
};

/** Made once: an instance of the kernel takes a moment. */
export const GROUPS: readonly OprfGroup[] = [ristretto255Sha512(), p256Sha256()];

/** The parts of a comma-separated list of hexadecimal strings. */
export const list = (text: string): Uint8Array[] => text.split(',').map(fromHex);

/** Randomness from which `group` draws exactly these scalars (RFC 9497 section 4.7.2). */
export function scalarRng(group: OprfGroup, scalars: readonly Uint8Array[]): Rng {
  const littleEndian = group.identifier.startsWith('ristretto255');
  const wide = littleEndian ? 64 : 48;
  return (length) => {
    const bytes = new Uint8Array(length);
    scalars.forEach((scalar, i) => {
      bytes.set(scalar, i * wide + (littleEndian ? 0 : wide - scalar.length));
    });
    return bytes;
  };
}
