/**
 * What `kakehashi psi` asks of the process of a party, and what that answers: types and names only, so that
 * the command line does not load the protocols.
 * @module
 */
import type { ErrorCode, InputError } from '../base/errors.ts';
import type { EncodingName } from '../engine/duckdb/text-encoding.ts';

/** Bits of the key for sums. */
export const PAILLIER_BITS = 3072;
export const OUTPUTS = ['set', 'cardinality', 'sum'] as const;
export const WISHES = ['auto', 'vole', 'ecdh'] as const;
export const SIDES = ['left', 'right'] as const;

export type PsiOutput = (typeof OUTPUTS)[number];
export type PsiWish = (typeof WISHES)[number];
export type PsiProtocol = Exclude<PsiWish, 'auto'>;
export type PsiSide = (typeof SIDES)[number];

export type SessionRequest = {
  readonly side: PsiSide;
  readonly output: PsiOutput;
  readonly protocol: PsiWish;
};

export type SessionAnswer = {
  readonly protocol: PsiProtocol;
  /** Of a set: this party's rows that matched, in the order of the left one's. */
  readonly rows?: Uint32Array;
  /** Of a cardinality or a sum: what the left party has learned. */
  readonly cardinality?: number;
  readonly sums?: readonly bigint[];
};

export type TableRequest = {
  readonly file: string;
  readonly encoding: EncodingName;
  readonly column: string;
  /** Columns to sum, of the right table only. */
  readonly sums: readonly string[];
};

export type TableCounts = {
  readonly rows: number;
  readonly empty: number;
  readonly duplicates: number;
};

export type PartyRequest = SessionRequest & {
  readonly table: TableRequest;
  /** How long the other party may be silent. */
  readonly stallMs: number;
  /** Worker threads of this party. Without, VOLE-PSI has its share of the cores and Paillier all of them. */
  readonly threads?: number;
};

export type PartyDone = {
  readonly answer: SessionAnswer;
  readonly counts: TableCounts;
  readonly decimals: readonly number[];
  readonly blanks: readonly number[];
  /** From `go`. */
  readonly seconds: number;
  /** Sent and received. */
  readonly bytes: number;
};

/** A refusal as it crosses to the parent; `trace` is for the person at this machine. */
export type PartyRefused = {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly errors?: readonly InputError[];
  readonly trace?: string;
};

export type ToParty = { readonly kind: 'start'; readonly request: PartyRequest } | { kind: 'go' };
export type FromParty =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly done: PartyDone }
  | { readonly kind: 'refused'; readonly refused: PartyRefused };
