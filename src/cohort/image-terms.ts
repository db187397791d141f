/** What a study says of an image that a query may run; read from its signed declaration. @module */
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';

export type ImageColumn = {
  readonly name: string;
  readonly type: 'int64' | 'float64' | 'date32' | 'category';
  readonly domain?: readonly string[];
  readonly unit?: string;
};

export type ImageField = {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly default: number;
  readonly step?: string;
  readonly unit?: string;
};

export type ImageTerms = {
  readonly digest: Digest;
  readonly boundary: 'bubblewrap' | 'process';
  /** Where it runs in the sandbox: the key of its operator. */
  readonly sandbox?: { readonly key: PublicKeyText };
  readonly declaration: {
    readonly mode: 'block' | 'map';
    readonly columns: readonly ImageColumn[];
    readonly fields: readonly ImageField[];
    readonly memory: number;
    readonly fuel: number;
  };
};
