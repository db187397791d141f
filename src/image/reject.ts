/** The one way in which this folder refuses an image: a fixed sentence, and a stable reason in public. @module */
import { Refusal } from '../base/errors.ts';

/** Why an image is refused. What is wrong is the author's own input, so the reason is public. */
export const REJECT_REASONS = [
  // the binary
  'WASM_TRUNCATED',
  'WASM_MALFORMED',
  'WASM_INVALID',
  'WASM_LIMIT',
  'WASM_IMPORTS',
  'WASM_MEMORY',
  'WASM_THREADS',
  'WASM_RELAXED_SIMD',
  'WASM_FEATURE',
  'WASM_EXPORTS',
  // the archive and the layout
  'ARCHIVE_MALFORMED',
  'ARCHIVE_PATH',
  'ARCHIVE_FILE_TYPE',
  'LAYOUT_MALFORMED',
  'LAYOUT_LIMIT',
  'LAYOUT_EXTRA_FILE',
  'TAG',
  'NOT_CANONICAL',
  'DIGEST',
  'SIZE',
  'MEDIA_TYPE',
  'COMPRESSED',
  'ABI_VERSION',
  'DECLARATION',
  'OTHER_IMAGE',
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

/** `pointer` into the declaration, where the fault is in it. */
export function rejectImage(reason: RejectReason, pointer = ''): never {
  throw new Refusal('IMAGE_REJECTED', reason, { errors: [{ pointer, code: reason }] });
}

export function checkImage(condition: boolean, reason: RejectReason): asserts condition {
  if (!condition) rejectImage(reason);
}
