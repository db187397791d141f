/**
 * The codes of `InputError` in words, for the person who wrote the study, the query or the
 * configuration. The code stays beside them: scripts and search engines know that.
 * Of what an amendment never changes, the words are the reason in study/amendment-table.ts.
 * @module
 */
import { NEVER } from '../study/amendment-table.ts';

const WORDS: Readonly<Record<string, string>> = {
  // shape
  NOT_JSON: 'not JSON; a name twice in one object is refused as well, and an integer beyond 2^53',
  UNKNOWN_FIELD: 'no such field in this version',
  MISSING_FIELD: 'is missing',
  WRONG_TYPE: 'another type of value is needed here',
  WRONG_FORMAT: 'is not written the way it has to be',
  WRONG_LENGTH: 'too short or too long',
  UNKNOWN_VALUE: 'none of the values that are allowed here',
  OUT_OF_RANGE: 'too small or too large',
  TOO_FEW_ITEMS: 'needs more entries',
  TOO_MANY_ITEMS: 'has too many entries',
  TOO_DEEP: 'conditions are nested too deeply',
  NOT_CANONICAL: 'cannot be signed: text is not well-formed or a number is not finite',
  NOT_SERVED_YET: 'is part of the format, but not served by this version',
  // rules of jurisdictions, not checked
  NO_RULES_FOR_COUNTRY: 'its country has no rules in this version: none was checked',
  LEGAL_BASIS_UNKNOWN: 'its legal basis is none that rules of this version read: none was checked',
  PURPOSE_UNKNOWN:
    'the purpose is none that rules of this version read: none on purposes was checked',
  // query
  RHO_INVALID:
    'a fraction above 0 in lowest terms is needed, such as "1/200", with no number too long',
  RHO_OR_HALF_WIDTH: 'exactly one of "rho" and "halfWidth" is needed',
  NOT_THE_PRICE: 'is not what this query costs',
  NOT_UPLOADED: 'is not among the encrypted columns of a holder',
  PRODUCT_OF_THREE: 'needs a product of three encrypted columns',
  TOO_MANY_SUMS: 'needs more encrypted sums than a holder opens in time',
  UNKNOWN_COLUMN: 'the study has no such column',
  NOT_WITH_DISCLOSE: 'a query that discloses counts everybody in both and nothing else',
  TOO_MANY_PEOPLE: 'the study declares more people than this is served for',
  DUPLICATE_OUTPUT: 'this output is there twice',
  HELD_BY_NOBODY: 'no holder of a linked study is said to have this column',
  BINS_REQUIRED: 'this column needs "bins"',
  BINS_NOT_ALLOWED: 'a category has no bins',
  REVERSED_BINS: 'bins go from low to high',
  BINS_NOT_INCREASING: 'each limit must be above the one before',
  COMPARATOR_NOT_ALLOWED: 'this comparison does not fit the type of the column',
  DUPLICATE_GROUP: 'is in the list before',
  DUPLICATE_MEASURE:
    'is in the list before: it would be the same numbers again, and paid for twice',
  ONE_MEASURE_EACH: 'a measure is a name and one thing to measure: write two measures',
  NOT_NUMERIC: 'a numeric column is needed here',
  NOT_A_DATE: 'a date column is needed here',
  BOUNDS_NOT_SERVED:
    'the bounds of this column are equal, or too many steps apart to be measured: take a coarser step',
  EVENT_AMBIGUOUS:
    'say which values are events, as a condition: only a column of 0 and 1, or of no and yes, is clear by name',
  ONE_ROW_PER_PERSON: 'needs one row of each person: pick it with "per"',
  QUANTILE_INVALID: 'orders of quantiles lie between 0 and 1 and rise',
  NOT_ON_RESOLUTION: 'is not the end of a leaf: take a finer resolution, or a value on it',
  NOT_AN_AGE: 'a column of ages in whole years is needed here',
  AGE_BANDS: 'bands begin at multiples of five, from 0 to 95, within the ages of the column',
  HALF_WIDTH_NOT_SERVED:
    'a half width is that of one measure: ask for one, or price several by "rho"',
  HALF_WIDTH_OUT_OF_REACH: 'no price gives so little noise with so many rows in a cell',
  INSIDE_ONE_HOLDER:
    'needs exact values, which nobody has over several holders: name one in "holders", or ask for a histogram, whose noised bins anybody can rank',
  NOT_BESIDE_SUMS: 'what is chosen inside one holder is a query of its own, without sums beside it',
  SUMS_OVER_ALL_HOLDERS:
    'sums are over all holders of the study: leave "holders" out, or name all of them',
  ONE_HOLDER_ALREADY: 'the query names one holder: its cells are that own',
  PRICED_BY_RHO: 'what is chosen has no half width: give a "rho"',
  DELTA_INVALID:
    'a fraction above 0 and at most 1/1000 in lowest terms is needed, such as "1/1000000"',
  NOT_OVER_PAIRS: 'is not served over people of two holders',
  NOT_IN_THE_SANDBOX: 'a program that runs in the sandbox answers no aggregate inside one holder',
  NOT_IN_MAP_MODE: 'this image answers for people one by one, whose answers are averaged',
  NAME_NEEDS_KANA: 'a name in kanji has no sure reading: give it in kana',
  NAME_SCRIPT_UNKNOWN: 'only Latin letters and kana can be compared',
  MY_NUMBER_REFUSED: 'a My Number may not be used for linkage',
  DUPLICATE_ELEMENT: 'is in the list before',
  COLUMN_MISSING: 'the file has no such column, or has it twice',
  MIXED_SOURCES: 'one holder has its columns in one kind of source: files, or one model of records',
  CONCEPTS_NOT_IN_STUDY: 'the study does not say that its holders have concepts',
  TOO_MANY_CELLS: 'the table has too many cells: take wider bins or fewer columns',
  // study
  AMOUNT_INVALID: 'a fraction in lowest terms is needed, such as "1/2"; delta is below 1',
  DATE_INVALID: 'a date that exists is needed, as YYYY-MM-DD',
  TOO_FAR_AHEAD: 'is too far in the future',
  REVERSED_BOUNDS: 'min must be below max',
  STEP_INVALID: 'a fraction above 0 in lowest terms is needed, such as "1/10"',
  NOT_ON_STEP: 'is not a multiple of the step',
  UNIT_NOT_ALLOWED: 'only a number with a unit in the study can be converted',
  UNIT_UNKNOWN: 'no conversion for this unit is known',
  UNIT_INCOMPATIBLE: 'cannot be converted to the unit of the study',
  KEY_INVALID: 'not a public key as `kakehashi keygen` prints it',
  DUPLICATE_KEY: 'this key has another part in the study already',
  DUPLICATE_NAME: 'this name is taken',
  DUPLICATE_HOLDER: 'this name is taken by another holder',
  DUPLICATE_ANALYST: 'this name is taken by another analyst',
  DUPLICATE_OPERATION: 'is in the list before',
  DUPLICATE_IMAGE: 'this image is in the list before',
  UNKNOWN_IMAGE: 'the study names no such image',
  BOUNDARY_TOO_WEAK: 'a program over rows of several holders needs the boundary "bubblewrap"',
  CLAUSE_MISSING: 'the clause that lets the operator read rows must stand here word for word',
  JOIN_NOT_SERVED: 'rows of several holders are not joined in the sandbox by this version',
  COLUMN_MISMATCH:
    'the image reads columns that the study has not, or has with another type, unit or domain',
  DUPLICATE_NULL: 'is in the list before',
  DUPLICATE_DOMAIN_VALUE: 'is in the list before',
  DOMAIN_VALUE_IS_NULL: 'the study reads this text as "no value"',
  DERIVED_COLUMN: 'is computed from other columns: no file has it',
  PERSON_IS_COLUMN: 'the person is no column to ask about',
  RESERVED_NAME: 'this name has a meaning of its own',
  UNKNOWN_COUNTRY: 'no holder of the study is in this country',
  UNKNOWN_HOLDER: 'the study has no holder of this name',
  // command line and configuration
  NAME_EQUALS_VALUE: 'each name once, written name=value',
  ADDRESS_NOT_AVAILABLE: 'another process has this address, or this machine does not have it',
  REQUIRED_OFF_LOOPBACK: 'TLS is required for every address that is not 127.0.0.1 or ::1',
  TLS_REQUIRED: 'https is required for every address that is not 127.0.0.1 or ::1',
  PATH_TOO_LONG: 'a socket file cannot have so long a path: take a shorter data directory',
};

/** What `code` means; empty for a code of a newer version. */
export const inputWords = (code: string): string =>
  WORDS[code] ?? (Object.hasOwn(NEVER, code) ? NEVER[code as keyof typeof NEVER].why : '');
