/** The numbers of a release (DESIGN section 8). @module */
import type { Rule } from './disclosure/suppression.ts';
import type { Curve } from './measure/survival.ts';
import type { IncidencePoint } from './survival/incidence.ts';
import type { Test } from './test-result.ts';

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

/** A number with a name of its own: a ratio, a slope, a coefficient. */
export type ReleaseEstimate = {
  readonly group: Group;
  readonly measure: string;
  readonly name: string;
  /** Null where suppressed, and where the noised sums do not determine it. */
  readonly value: number | null;
  readonly unit: string;
  /** 95 %, sampling and noise; null also of a value that was shrunk. */
  readonly interval: readonly [number, number] | null;
  readonly noise: number | null;
  /** Of no association. */
  readonly p: number | null;
  readonly suppressed: boolean;
};

/** Cumulative incidence of one cause. */
export type ReleaseIncidence = {
  /** With the arm, where there is one. */
  readonly group: Group;
  readonly measure: string;
  readonly cause: string;
  readonly unit: string;
  /** Empty where suppressed. */
  readonly points: readonly IncidencePoint[];
  readonly count: number | null;
  readonly suppressed: boolean;
};

export type ReleaseTest = Test & { readonly group: Group; readonly measure: string };

/** Something that is not shown, and the rule that hid it (disclosure/suppression.ts). */
export type HiddenItem = {
  readonly table: 'cells' | 'curves' | 'incidences' | 'estimates' | 'tests';
  readonly group: Group;
  readonly measure: string;
  /** Of an estimate, a test, a cause. */
  readonly name?: string;
  readonly rule: Rule;
};

/** The record of disclosure control. */
export type Disclosure = {
  readonly minimumCell: number;
  readonly rounding: number;
  readonly hidden: readonly HiddenItem[];
};

export type ReleaseTables = {
  readonly cells: readonly ReleaseCell[];
  readonly curves: readonly ReleaseCurve[];
  readonly incidences: readonly ReleaseIncidence[];
  readonly estimates: readonly ReleaseEstimate[];
  readonly tests: readonly ReleaseTest[];
  readonly disclosure: Disclosure;
};

/** The tables alone, of something that has more. */
export const tablesOf = ({
  cells,
  curves,
  incidences,
  estimates,
  tests,
  disclosure,
}: ReleaseTables): ReleaseTables => ({ cells, curves, incidences, estimates, tests, disclosure });
