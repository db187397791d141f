/** The numbers of a release (DESIGN section 8). @module */
import type { Curve } from './measure/survival.ts';
import type { Test } from './survival/log-rank.ts';

export type Group = Readonly<Record<string, string | null>>;

export type ReleaseCell = {
  /** `holder` first where the cell is one holder's. */
  readonly group: Group;
  readonly measure: string;
  /** Null where suppressed; may be negative. */
  readonly value: number | null;
  /** UCUM; a count has the unit one. */
  readonly unit: string;
  /** 95 %, sampling and noise. */
  readonly interval: readonly [number, number] | null;
  /**
   * 95 % half-width of the noise alone. Null where the value is suppressed and the half-width follows
   * from the noised sums as it does: of a mean, a variance, a proportion.
   */
  readonly noise: number | null;
  /** Noised number of rows with a value, of a measure that is not that number itself. */
  readonly count?: number | null;
  readonly suppressed: boolean;
};

export type ReleaseCurve = {
  /** With the arm, where there is one. */
  readonly group: Group;
  readonly measure: string;
  /** UCUM, of times. */
  readonly unit: string;
  /** Empty where suppressed. */
  readonly points: Curve['points'];
  readonly median: Curve['median'] | null;
  readonly rmst: Curve['rmst'] | null;
  readonly count: number | null;
  readonly suppressed: boolean;
};

export type ReleaseTest = Test & { readonly group: Group; readonly measure: string };

export type ReleaseTables = {
  readonly cells: readonly ReleaseCell[];
  readonly curves: readonly ReleaseCurve[];
  readonly tests: readonly ReleaseTest[];
};
