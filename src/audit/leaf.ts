/**
 * The hashes of the audit log: RFC 9162 section 2.1.1, SHA-256, leaves and nodes told apart by
 * their first byte, so that no node can be shown as an entry.
 *
 * An entry is hashed behind a salt of 16 random bytes (rulings 37). Most entries could be guessed
 * ("holder lu stopped the study"), and an inclusion proof shows the hashes of neighbours: without
 * the salts of those, whoever sees a proof learns how long the log is and nothing else.
 * @module
 */
import { concat } from '../base/bytes.ts';
import { check } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';

export const SALT_BYTES = 16;
const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);

/** MTH({}) of section 2.1.1: the hash of nothing. */
export const emptyRoot = (): Uint8Array => sha256(new Uint8Array(0));

export const leafHash = (data: Uint8Array): Uint8Array => sha256(concat(LEAF, data));

export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(concat(NODE, left, right));

/** The leaf of `entry` behind its salt. */
export function saltedLeafHash(salt: Uint8Array, entry: Uint8Array): Uint8Array {
  check(salt.length === SALT_BYTES, 'MALFORMED_MESSAGE', 'salt of a log entry');
  return leafHash(concat(salt, entry));
}
