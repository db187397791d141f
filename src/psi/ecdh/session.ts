/**
 * What both parties of an ECDH-PSI session have: the greeting, the hash into the group, a fresh
 * scalar, and the checks on elements.
 *
 * H(x) = hash_to_ristretto255 (RFC 9380 appendix B) of the 16 bytes of an item, with both nonces in
 * the domain separation tag: elements of one session are of no use in another.
 * @module
 */
import { concat, utf8 } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { Ristretto255, UNIFORM_BYTES } from '../../kernels/ristretto255.ts';
import { Scalar25519 } from '../../kernels/scalar25519.ts';
import type { Frames } from '../frames.ts';
import { ITEM_BYTES } from '../items.ts';
import { messageExpander } from '../oprf/expand-message.ts';
import {
  decodeHello,
  type EcdhOutput,
  ELEMENT_BYTES,
  encodeHello,
  HELLO_BYTES,
  KIND,
  MAX_ITEMS,
  NONCE_BYTES,
} from './messages.ts';

const DOMAIN = 'kakehashi/psi/ecdh/1';

export type EcdhOptions = {
  readonly output: EcdhOutput;
  /** The most items that the peer may declare. */
  readonly peerLimit: number;
  readonly rng: Rng;
};

/** The key of an element in a map. */
export const keyOf = (elements: Uint8Array, i: number): string =>
  Buffer.from(elements.buffer, elements.byteOffset + i * ELEMENT_BYTES, ELEMENT_BYTES).toString(
    'latin1',
  );

/** Adds the elements of a frame to `seen`; MALFORMED_MESSAGE for one that is there already. */
export function refuseDuplicates(seen: Set<string>, elements: Uint8Array): void {
  const before = seen.size;
  const n = elements.length / ELEMENT_BYTES;
  for (let i = 0; i < n; i++) seen.add(keyOf(elements, i));
  check(seen.size === before + n, 'MALFORMED_MESSAGE', 'an element twice');
}

/** The identity, 32 zero bytes, is the same under every scalar. */
export function refuseIdentity(elements: Uint8Array): void {
  for (let at = 0; at < elements.length; at += ELEMENT_BYTES) {
    const some = elements.subarray(at, at + ELEMENT_BYTES).some((byte) => byte !== 0);
    check(some, 'MALFORMED_MESSAGE', 'identity element');
  }
}

/** How many items `items` is. They must be distinct: a repeated one would show as a repetition. */
export function checkItems(items: Uint8Array): number {
  const n = items.length / ITEM_BYTES;
  const whole = Number.isInteger(n) && n > 0 && n <= MAX_ITEMS;
  check(whole, 'INVALID_PARAMETER', `${items.length} bytes of items`);
  const text = Buffer.from(items.buffer, items.byteOffset, items.length).toString('latin1');
  const seen = new Set<string>();
  for (let at = 0; at < text.length; at += ITEM_BYTES) seen.add(text.slice(at, at + ITEM_BYTES));
  check(seen.size === n, 'INVALID_PARAMETER', `${n - seen.size} items are there twice`);
  return n;
}

export class EcdhSession implements Disposable {
  readonly group = new Ristretto255();
  /** Fresh for every session, and wiped with it. */
  readonly #scalar: Secret;
  readonly #expand: (message: Uint8Array) => Uint8Array;
  readonly peerItems: number;

  private constructor(transcript: Uint8Array, peerItems: number, rng: Rng) {
    const scalars = new Scalar25519();
    const wide = rng(UNIFORM_BYTES);
    const scalar = scalars.reduce(wide);
    wide.fill(0);
    check(!scalars.hasZero(scalar), 'INTERNAL', 'the random generator gave a zero scalar');
    this.#scalar = new Secret('ecdh-psi scalar', scalar);
    this.#expand = messageExpander('sha512', concat(utf8(DOMAIN), transcript), UNIFORM_BYTES);
    this.peerItems = peerItems;
  }

  /** Greets the peer. The receiver's hello comes first in the transcript. */
  static async open(
    frames: Frames,
    role: 'receiver' | 'sender',
    items: number,
    { output, peerLimit, rng }: EcdhOptions,
  ): Promise<EcdhSession> {
    const own = encodeHello({ output, items, nonce: rng(NONCE_BYTES) });
    await frames.send(KIND.hello, own);
    const theirs = await frames.receive(KIND.hello, HELLO_BYTES);
    const hello = decodeHello(theirs, peerLimit);
    check(hello.output === output, 'MALFORMED_MESSAGE', 'the peer wants another output');
    const transcript = role === 'receiver' ? concat(own, theirs) : concat(theirs, own);
    return new EcdhSession(sha256(transcript), hello.items, rng);
  }

  /** scalar·H(item) for items `order[from]`, ..., `order[from + n - 1]`. */
  hide(items: Uint8Array, order: Uint32Array, from: number, n: number): Uint8Array {
    const uniform = new Uint8Array(n * UNIFORM_BYTES);
    for (let i = 0; i < n; i++) {
      const at = (order[from + i] as number) * ITEM_BYTES;
      uniform.set(this.#expand(items.subarray(at, at + ITEM_BYTES)), i * UNIFORM_BYTES);
    }
    return this.group.multiplyDerived(uniform, this.#scalar.expose());
  }

  /** scalar·E for elements of the peer: canonical and not the identity, or MALFORMED_MESSAGE. */
  hideAgain(elements: Uint8Array): Uint8Array {
    refuseIdentity(elements);
    return this.group.multiply(elements, this.#scalar.expose());
  }

  [Symbol.dispose](): void {
    this.#scalar[Symbol.dispose]();
  }
}
