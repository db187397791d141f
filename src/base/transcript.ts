/**
 * Digests over several fields, without ambiguity: SHA-256 over a domain tag and each part
 * behind its length as 8 bytes, so that no two lists of byte strings give the same input. A text is
 * its UTF-8, a number its 8 bytes: which of these a part is, is fixed by the domain tag.
 * @module
 */
import { concat, uint64, utf8 } from './bytes.ts';
import { check } from './errors.ts';
import { type Digest, sha256Hex } from './hash.ts';

export type TranscriptPart = string | Uint8Array | number;

function partBytes(part: TranscriptPart): Uint8Array {
  if (typeof part === 'number') return uint64(part);
  if (typeof part !== 'string') return part;
  // Lone surrogates would all become U+FFFD.
  check(part.isWellFormed(), 'INVALID_PARAMETER', 'text with a lone surrogate');
  return utf8(part);
}

/** The unambiguous encoding itself. */
export function transcriptBytes(domain: string, parts: readonly TranscriptPart[]): Uint8Array {
  return concat(
    ...[domain, ...parts].flatMap((part) => {
      const bytes = partBytes(part);
      return [uint64(bytes.length), bytes];
    }),
  );
}

/** SHA-256 of the encoding, as lower-case hexadecimal. */
export const transcriptDigest = (domain: string, parts: readonly TranscriptPart[]): Digest =>
  sha256Hex(transcriptBytes(domain, parts));
