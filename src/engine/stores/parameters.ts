/** Values that a database would take and give back changed are refused before they reach it. @module */
import { check } from '../../base/errors.ts';

export function checkParameters(parameters: readonly unknown[]): unknown[] {
  for (const value of parameters) {
    // SQLite cuts text at a NUL byte when it is read, PostgreSQL has none.
    check(
      typeof value !== 'string' || !value.includes('\0'),
      'INVALID_PARAMETER',
      'text with a NUL byte',
    );
    // Bound as a double it would lose what makes it exact.
    check(
      typeof value !== 'number' || Number.isSafeInteger(value),
      'INVALID_PARAMETER',
      'number is not a safe integer',
    );
  }
  return [...parameters];
}
