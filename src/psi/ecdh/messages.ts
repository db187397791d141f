/**
 * The messages of ECDH-PSI, version 1, as bodies of psi/frames.ts. Every length follows from the
 * sizes in the two hellos, and so does the order: hello, then all of A one way; hello, then all of B
 * and all of D the other.
 *
 *     hello     [ version | output | number of items, 4 bytes little endian | nonce, 32 bytes ]
 *     elements  [ up to 2048 elements of 32 bytes ]
 *
 * All but the last frame of a list are full: 64 KiB, so that both sides compute while frames travel.
 * @module
 */
import { concat } from '../../base/bytes.ts';
import { check, Refusal } from '../../base/errors.ts';

const VERSION = 1;
export const NONCE_BYTES = 32;
export const ELEMENT_BYTES = 32;
/** Elements in a full frame. */
export const FRAME_ELEMENTS = 2048;
/** A size above this is refused whatever the caller allows. */
export const MAX_ITEMS = 2 ** 24;
export const HELLO_BYTES = 6 + NONCE_BYTES;

/** A: the receiver's items under its scalar. B: the sender's. D: A under the sender's as well. */
export const KIND = { hello: 0x50, a: 0x51, b: 0x52, d: 0x53 } as const;

export type EcdhOutput = 'set' | 'cardinality';
const OUTPUTS: readonly EcdhOutput[] = ['set', 'cardinality'];

type Hello = {
  readonly output: EcdhOutput;
  readonly items: number;
  readonly nonce: Uint8Array;
};

export function encodeHello({ output, items, nonce }: Hello): Uint8Array {
  const head = new Uint8Array(6);
  head.set([VERSION, OUTPUTS.indexOf(output)]);
  new DataView(head.buffer).setUint32(2, items, true);
  return concat(head, nonce);
}

/** The peer's hello. `limit` is how many items the caller lets it have. */
export function decodeHello(body: Uint8Array, limit: number): Hello {
  check(body.length === HELLO_BYTES, 'MALFORMED_MESSAGE', `hello of ${body.length} bytes`);
  const [version, code] = [body[0] ?? 0, body[1] ?? 0];
  if (version !== VERSION) {
    throw new Refusal('UNSUPPORTED_VERSION', 'ecdh-psi', { asked: version, served: [VERSION] });
  }
  const output = OUTPUTS[code];
  check(output !== undefined, 'MALFORMED_MESSAGE', `output ${code} of the hello`);
  const items = new DataView(body.buffer, body.byteOffset).getUint32(2, true);
  const most = Math.min(limit, MAX_ITEMS);
  check(items > 0 && items <= most, 'MALFORMED_MESSAGE', `peer declares ${items} items`);
  return { output, items, nonce: body.slice(6) };
}

/** How many frames a list of `items` elements takes. */
export const frameCount = (items: number): number => Math.ceil(items / FRAME_ELEMENTS);

/** How many elements frame `index` of such a list has. */
export const frameSize = (items: number, index: number): number =>
  Math.min(FRAME_ELEMENTS, items - index * FRAME_ELEMENTS);
