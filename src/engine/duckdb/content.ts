/**
 * Keyed hashes of what is stored: who a row belongs to, which rows of a person count first, and
 * what the whole content is.
 *
 *     person     = first 128 bits of SHA-256(k_person ‖ len ‖ identifier)
 *     row_order  = first 128 bits of SHA-256(k_order ‖ len ‖ person ‖ len ‖ column ...)
 *     epoch      = HMAC-SHA-256(contentKey, columns, rows, Σ high halves, Σ low halves
 *                               [, the same three of each table beside the rows])
 *
 * Keys are 256-bit, written as 64 hexadecimal digits in front of the message; SHA-256 with a
 * prefix key of fixed length and a truncated output is a pseudo-random function as long as the
 * compression function is one (Bellare, Canetti, Krawczyk, FOCS 1996, prefix-free inputs: here
 * every part carries its length and the number of parts is fixed).
 *
 * Rows of one person with equal study columns have equal `row_order`; which of them counts
 * makes no difference. The sums are over row_order as integers, so that the order of rows does
 * not matter and their number does (multiset hash by addition; Clarke et al., ASIACRYPT 2003).
 *
 * Adversary   readers of the file without the keys: an analyst's guess of an identifier cannot
 *             be tested. The epoch shows equality of content to the holder only (rulings 22).
 * @module
 */
import { toHex } from '../../base/bytes.ts';
import { type Digest, deriveKey, hmacSha256 } from '../../base/hash.ts';
import type { Secret } from '../../base/secret.ts';
import { transcriptBytes } from '../../base/transcript.ts';
import type { Parameters } from './parameters.ts';

/** Hexadecimal of a sub-key, to be bound as a parameter. A string cannot be wiped. */
function keyText(key: Secret, purpose: string): string {
  using derived = deriveKey(key, `kakehashi/cohort/${purpose}/1`);
  return toHex(derived.expose());
}

/** SQL: the first 128 bits of a digest in hexadecimal, as an unsigned integer. */
export const first128 = (hex: string): string =>
  `(CAST('0x' || left(${hex}, 16) AS UBIGINT)::UHUGEINT * 18446744073709551616::UHUGEINT
    + CAST('0x' || substr(${hex}, 17, 16) AS UBIGINT)::UHUGEINT)`;

/** SQL: length and value; `-` for NULL, which no length begins with. */
const part = (value: string): string =>
  `coalesce(strlen(CAST(${value} AS VARCHAR)) || ':' || CAST(${value} AS VARCHAR), '-')`;

/** SQL: the digest in hexadecimal that stands for an identifier. */
export const personHash = (orderKey: Secret, text: string, parameters: Parameters): string =>
  `left(sha256(${parameters.text(keyText(orderKey, 'person'))} || ${part(text)}), 32)`;

/** SQL: the digest in hexadecimal of a row; `person` is its `personHash`. */
export const orderHash = (
  orderKey: Secret,
  person: string,
  columns: readonly string[],
  parameters: Parameters,
): string => {
  const key = parameters.text(keyText(orderKey, 'order'));
  return `left(sha256(${[key, part(person), ...columns.map(part)].join(' || ')}), 32)`;
};

/** SQL: the digest in hexadecimal of a row beside the cohort, such as a concept of a person. */
export const besideHash = (
  orderKey: Secret,
  columns: readonly string[],
  parameters: Parameters,
): string => {
  const key = parameters.text(keyText(orderKey, 'beside'));
  return `left(sha256(${[key, ...columns.map(part)].join(' || ')}), 32)`;
};

/** SQL: the digest in hexadecimal by which two holders of a study know the same person (stored-links.ts). */
export const linkHash = (study: Digest, text: string, parameters: Parameters): string =>
  `sha256(${parameters.text(`kakehashi/link/1/${study}`)} || ${part(text)})`;

/** SQL: the digest in hexadecimal that hides the link of a stored person from who has no key. */
export const linkMask = (orderKey: Secret, person: string, parameters: Parameters): string =>
  `sha256(${parameters.text(keyText(orderKey, 'link'))} || ${part(person)})`;

/** The two sums of the epoch, as SQL over 128-bit hashes: 64-bit halves, so that none overflows. */
export const hashSums = (hash: string): string => `
  coalesce(sum(CAST(${hash} >> 64 AS UBIGINT)), 0)::HUGEINT,
  coalesce(sum(CAST(${hash} & 18446744073709551615::UHUGEINT AS UBIGINT)), 0)::HUGEINT`;

export type ContentSums = {
  readonly rows: bigint;
  readonly high: bigint;
  readonly low: bigint;
};

/**
 * The salted commitment to the content under this description of its columns; `beside` are the
 * sums of the tables beside the rows, in a fixed order.
 */
export const contentEpoch = (
  contentKey: Secret,
  columns: string,
  rows: ContentSums,
  beside: readonly ContentSums[] = [],
): Digest =>
  toHex(
    hmacSha256(
      contentKey,
      transcriptBytes('kakehashi/cohort-epoch/1', [
        columns,
        ...[rows, ...beside].flatMap((sums) => [
          String(sums.rows),
          String(sums.high),
          String(sums.low),
        ]),
      ]),
    ),
  );
