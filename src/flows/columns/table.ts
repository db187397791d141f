/** A table of encrypted columns, as holder and sandbox name it. @module */
import type { Json } from '../../base/canonical-json.ts';
import type { Digest } from '../../base/hash.ts';

/** A holder's encrypted table for a study: one table, one key. */
export type ColumnTable = {
  /** Drawn at random; names the key as well. */
  readonly table: Digest;
  readonly study: Digest;
  readonly blocks: number;
  /** The public list that its layout is made from. */
  readonly list: Json;
};
