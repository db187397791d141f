/** A test of a hypothesis, as released. @module */

export const TEST_NAMES = [
  'log-rank',
  'log-rank with noise',
  'chi-square',
  'chi-square with noise',
] as const;

export type Test = {
  /** The one `with noise` is the one to read. */
  readonly name: (typeof TEST_NAMES)[number];
  readonly chi2: number;
  readonly df: number;
  readonly p: number;
};
