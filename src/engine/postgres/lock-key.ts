/** Advisory locks have numbers of 64 bits for names: those of one database are shared by its schemas. @module */
import { utf8 } from '../../base/bytes.ts';
import { transcriptDigest } from '../../base/transcript.ts';

/** A decimal number for SQL. */
export function lockKey(schema: string, name: string): string {
  const digest = transcriptDigest('kakehashi/lock/1', [utf8(schema), utf8(name)]);
  return BigInt.asIntN(64, BigInt(`0x${digest.slice(0, 16)}`)).toString();
}
