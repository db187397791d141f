/**
 * The check digits that national numbers use.
 *
 * Luhn       ISO/IEC 7812-1 annex B.
 * Verhoeff   J. Verhoeff, "Error detecting decimal codes", Mathematical Centre Tracts 29 (1969):
 *            products in the dihedral group D5 with a permutation of period 8.
 * @module
 */

/** Last digit first: weights are counted from the check digit. */
const reversed = (digits: string): readonly number[] => Array.from(digits, Number).reverse();

/** The digit that makes `digits` pass Luhn's test when it is appended. */
export function luhnDigit(digits: string): number {
  const sum = reversed(digits).reduce((total, digit, i) => {
    const weighted = i % 2 === 0 ? 2 * digit : digit;
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return (10 - (sum % 10)) % 10;
}

/** D5: 0 to 4 are rotations, 5 to 9 reflections. */
function product(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + ((a + b - 5) % 5);
  return b < 5 ? 5 + ((a - 5 - b + 5) % 5) : (a - b + 5) % 5;
}

const inverse = (a: number): number => (a < 5 ? (5 - a) % 5 : a);

const STEP = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4] as const;

function permuted(digit: number, times: number): number {
  let result = digit;
  for (let i = 0; i < times; i++) result = STEP[result] ?? 0;
  return result;
}

/** The digit that makes `digits` pass Verhoeff's test when it is appended. */
export function verhoeffDigit(digits: string): number {
  return inverse(
    reversed(digits).reduce((total, digit, i) => product(total, permuted(digit, (i + 1) % 8)), 0),
  );
}
