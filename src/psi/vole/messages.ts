/**
 * The messages of VOLE-PSI: kinds, lengths, and the two greetings, in which the parties agree on version,
 * parameter set, mode and sizes. All other bodies are byte strings of lengths that follow from these.
 * @module
 */
import { check, Refusal } from '../../base/errors.ts';
import { concat } from '../../base/bytes.ts';
import { FRAME_HEAD_BYTES } from '../frames.ts';
import { CHOICE_BYTES, OFFER_BYTES } from './base-ot.ts';
import { CODE_SEED_BYTES } from './code-batches.ts';
import { extensionBytes } from './correlated-ot.ts';
import { treeSizes } from './noise-trees.ts';
import { MOST_ITEMS, PARAMETER_SET, TREES, type VoleParameters } from './parameters.ts';

const VERSION = 1;

export const KIND = {
  /** receiver: sizes, base OT offer */
  request: 1,
  /** sender: sizes, base OT choices */
  response: 2,
  /** receiver: seeds of code and hashes, OT extension */
  extension: 3,
  /** sender: a group of trees */
  trees: 4,
  /** receiver: the columns of a bin, masked */
  bin: 5,
  /** sender: masks */
  masks: 6,
} as const;

/** `match` reveals the receiver's matches to it; `tokens` gives 16-byte outputs to both and sends no masks. */
export type Mode = 'match' | 'tokens';
const MODES: readonly Mode[] = ['match', 'tokens'];

export const HASH_SEED_BYTES = 16;
export const SEEDS_BYTES = CODE_SEED_BYTES + HASH_SEED_BYTES;
/** Masks of a frame. */
export const MASKS_A_FRAME = 65536;

/** version, parameter set, mode, items */
const HEAD = 7;
export const REQUEST_BYTES = HEAD + OFFER_BYTES;
export const RESPONSE_BYTES = HEAD + CHOICE_BYTES;

export function encodeGreeting(mode: Mode, items: number, rest: Uint8Array): Uint8Array {
  const head = new Uint8Array(HEAD);
  head.set([VERSION, PARAMETER_SET, MODES.indexOf(mode)]);
  new DataView(head.buffer).setUint32(3, items, true);
  return concat(head, rest);
}

/** The peer's number of items, at most `limit`, and what follows. Refuses another version, set or mode than ours. */
export function decodeGreeting(
  body: Uint8Array,
  mode: Mode,
  limit: number,
): { readonly items: number; readonly rest: Uint8Array } {
  const [version = 0, set = 0, code = 0] = body;
  for (const [asked, served] of [
    [version, VERSION],
    [set, PARAMETER_SET],
  ] as const) {
    if (asked !== served) {
      const fields = { asked, served: [served] };
      throw new Refusal('UNSUPPORTED_VERSION', 'VOLE-PSI version or parameter set', fields);
    }
  }
  check(MODES[code] === mode, 'PROTOCOL_STATE', `peer runs mode ${code}`);
  const items = new DataView(body.buffer, body.byteOffset).getUint32(3, true);
  check(items <= Math.min(limit, MOST_ITEMS), 'MALFORMED_MESSAGE', `peer announces ${items} items`);
  return { items, rest: body.slice(HEAD) };
}

/** Bytes of all frames of a session, by sender. The transcript has no other freedom. */
export function sessionBytes(
  parameters: VoleParameters,
  mode: Mode,
): { readonly receiver: number; readonly sender: number } {
  const sizes = treeSizes(parameters);
  const frames = (count: number, bytes: number): number => count * (FRAME_HEAD_BYTES + bytes);
  const masks =
    mode === 'tokens'
      ? 0
      : frames(Math.ceil(parameters.senderItems / MASKS_A_FRAME), 0) +
        parameters.senderItems * parameters.maskBytes;
  return {
    receiver:
      frames(1, REQUEST_BYTES) +
      frames(1, SEEDS_BYTES + extensionBytes(sizes.correlations)) +
      frames(parameters.bins, 16 * parameters.columns),
    sender: frames(1, RESPONSE_BYTES) + frames(TREES / sizes.group, sizes.messageBytes) + masks,
  };
}
