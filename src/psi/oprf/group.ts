/**
 * What RFC 9497 asks of a prime-order group (section 2.1) and its hash, for many items in a call,
 * and the context of a mode (section 3.1). Elements and scalars are their encodings, packed.
 *
 * Elements that come in are deserialised as section 2.1 demands: MALFORMED_MESSAGE where one is not
 * canonical, not on the curve or the identity.
 * @module
 */
import { concat, utf8 } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { oneByte } from './expand-message.ts';

export type OprfGroup = {
  /** Section 4: `ristretto255-SHA512` or `P256-SHA256`. */
  readonly identifier: string;
  /** Ne, Ns and Nh. */
  readonly elementBytes: number;
  readonly scalarBytes: number;
  readonly hashBytes: number;
  readonly generator: Uint8Array;
  hash(bytes: Uint8Array): Uint8Array;
  /** scalars[i] HashToGroup(inputs[i]); one scalar may serve all. */
  multiplyHashed(inputs: readonly Uint8Array[], tag: Uint8Array, scalars: Uint8Array): Uint8Array;
  hashToScalar(message: Uint8Array, tag: Uint8Array): Uint8Array;
  /** n uniform scalars other than zero. */
  randomScalars(n: number, rng: Rng): Uint8Array;
  /** scalars[i] elements[i]; one scalar may serve all. */
  multiply(elements: Uint8Array, scalars: Uint8Array): Uint8Array;
  multiplyBase(scalars: Uint8Array): Uint8Array;
  /** The one element Σ scalars[i] elements[i]. */
  combine(elements: Uint8Array, scalars: Uint8Array): Uint8Array;
  /** DeserializeScalar for each: MALFORMED_MESSAGE where one is not below the order. */
  checkScalars(scalars: Uint8Array): void;
  /** 1/x of each. */
  invert(scalars: Uint8Array): Uint8Array;
  /** a - b c */
  subtractProduct(a: Uint8Array, b: Uint8Array, c: Uint8Array): Uint8Array;
  isZero(scalar: Uint8Array): boolean;
};

/** modeOPRF and modeVOPRF, section 3.1. */
export type OprfMode = 0 | 1;

export type OprfContext = {
  readonly group: OprfGroup;
  readonly mode: OprfMode;
  /** CreateContextString(mode, identifier). */
  readonly text: Uint8Array;
};

export const oprfContext = (group: OprfGroup, mode: OprfMode): OprfContext => ({
  group,
  mode,
  text: concat(utf8('OPRFV1-'), oneByte(mode), utf8(`-${group.identifier}`)),
});

/** `label` || contextString: the tags of sections 2.1 and 3.2.1. */
export const tagOf = ({ text }: OprfContext, label: string): Uint8Array =>
  concat(utf8(label), text);

/** PrivateInput is at most 2^16 - 1 bytes (section 1.2). */
export function checkInputs(inputs: readonly Uint8Array[]): void {
  check(inputs.length > 0, 'INVALID_PARAMETER', 'no inputs');
  check(
    inputs.every((input) => input.length < 65536),
    'INVALID_PARAMETER',
    'an input is longer than 65535 bytes',
  );
}

/** How many elements a message holds; MALFORMED_MESSAGE where it is none or no whole number. */
export function elementCount({ elementBytes }: OprfGroup, elements: Uint8Array): number {
  const n = elements.length / elementBytes;
  check(Number.isInteger(n) && n > 0, 'MALFORMED_MESSAGE', `${elements.length} bytes of elements`);
  return n;
}

/** Element i of a packed list. */
export const elementAt = (
  { elementBytes }: OprfGroup,
  elements: Uint8Array,
  i: number,
): Uint8Array => elements.subarray(i * elementBytes, (i + 1) * elementBytes);
