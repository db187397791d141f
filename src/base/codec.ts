/**
 * Deterministic CBOR (RFC 8949 section 4.2) for everything that crosses the wire or is stored.
 *
 * Decoding is strict: no indefinite lengths, no duplicate or non-string keys, no floats, no
 * tags, no undefined, minimal integers only, nothing behind the item. Integers come back as
 * numbers where they are safe, else as bigints.
 * @module
 */
import { decode, type DecodeOptions, decodeFirst, encode, type EncodeOptions } from 'cborg';
import { equalBytes } from './bytes.ts';
import { check, Refusal, refuseAs } from './errors.ts';

export type Cbor =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Cbor[]
  | { readonly [key: string]: Cbor };

const STRICT: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  rejectDuplicateMapKeys: true,
  useMaps: false,
};

/** What the types already exclude, excluded again where a value was cast: each falls through or throws. */
const EXACT: EncodeOptions = {
  typeEncoders: {
    number: (value: number) => {
      check(Number.isInteger(value), 'MALFORMED_MESSAGE', 'CBOR float');
      return null;
    },
    string: (value: string) => {
      check(value.isWellFormed(), 'MALFORMED_MESSAGE', 'CBOR text with a lone surrogate');
      return null;
    },
    undefined: () => {
      throw new Refusal('MALFORMED_MESSAGE', 'CBOR undefined');
    },
  },
};

export const encodeCbor = (value: Cbor): Uint8Array => {
  const bytes = encode(value, EXACT);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
};

/** One item and nothing behind it; re-encoding must give the same bytes. */
export function decodeCbor(bytes: Uint8Array): Cbor {
  return refuseAs('MALFORMED_MESSAGE', 'CBOR', () => {
    const value = decode(bytes, STRICT) as Cbor;
    check(equalBytes(encodeCbor(value), bytes), 'MALFORMED_MESSAGE', 'CBOR is not deterministic');
    return value;
  });
}

/** An RFC 8742 sequence of items, as the encoded bytes of each. */
export function splitCborSequence(bytes: Uint8Array): Uint8Array[] {
  return refuseAs('MALFORMED_MESSAGE', 'CBOR sequence', () => {
    const items: Uint8Array[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      const [, remainder] = decodeFirst(rest, STRICT) as [Cbor, Uint8Array];
      items.push(rest.subarray(0, rest.length - remainder.length));
      rest = remainder;
    }
    return items;
  });
}
