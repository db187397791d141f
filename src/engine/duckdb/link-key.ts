/**
 * The key by which two holders of a study know the same person, of one identifier outside the database: what `linkHash`
 * of content.ts computes in SQL, of an identifier cleaned as `cleanSql` of parse-sql.ts does.
 * @module
 */
import { utf8 } from '../../base/bytes.ts';
import { type Digest, sha256Hex } from '../../base/hash.ts';

const DIGITS = 32;

/** What is compared: NFC, without blanks, tabs and carriage returns at the ends. */
export const cleanIdentifier = (text: string): string =>
  text.normalize('NFC').replace(/^[ \t\r]+|[ \t\r]+$/g, '');

/** 128 bits in hexadecimal; undefined of an identifier that is empty. */
export function linkKey(study: Digest, identifier: string): string | undefined {
  const text = cleanIdentifier(identifier);
  if (text === '') return undefined;
  const message = `kakehashi/link/1/${study}${utf8(text).length}:${text}`;
  return sha256Hex(utf8(message)).slice(0, DIGITS);
}
