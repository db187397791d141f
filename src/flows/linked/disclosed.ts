/**
 * What a holder was told about its own people, as it keeps it: sealed, in its own data directory, for its own staff.
 *
 * People are the keys by which both holders know them (engine/duckdb/stored-links.ts), so that whoever has the files of
 * the cohort can name them and nobody else.
 * @module
 */
import type { Cbor } from '../../base/codec.ts';
import { decodeCbor, encodeCbor } from '../../base/codec.ts';
import { check, refuseAs } from '../../base/errors.ts';
import { DISCLOSURES, type Disclosed as Output } from '../../cohort/linked/disclosure.ts';

export const KEY_BYTES = 16;
export const ID_BYTES = 16;

export type DisclosedPeople = {
  readonly output: Output;
  /** Of everybody in both. Undefined of `ids`, which do not tell. */
  readonly count: number | undefined;
  /** Of `set`: people in both, in an order that is the same at both holders. Of `ids`: all own people. */
  readonly keys: Uint8Array;
  /** Of `ids`: one for each of `keys`. */
  readonly ids: Uint8Array;
};

/** The durable step; not one of those that are forgotten with a run. */
export const DISCLOSED_STEP = 'linked-disclosed';
export const disclosedLabel = (run: string): string => `disclosed/${run}`;

export const encodeDisclosed = ({ output, count, keys, ids }: DisclosedPeople): Uint8Array =>
  encodeCbor([output, count ?? null, keys, ids]);

const isOutput = (value: Cbor | undefined): value is Output =>
  DISCLOSURES.some((output) => output === value);

export const decodeDisclosed = (bytes: Uint8Array): DisclosedPeople =>
  refuseAs('DATA_DIRECTORY_DAMAGED', 'disclosed people', () => {
    const [output, count, keys, ids] = decodeCbor(bytes) as readonly Cbor[];
    const valid =
      isOutput(output) &&
      (count === null || typeof count === 'number') &&
      keys instanceof Uint8Array &&
      ids instanceof Uint8Array;
    check(valid, 'MALFORMED_MESSAGE', 'shape');
    return { output, count: count ?? undefined, keys, ids };
  });
