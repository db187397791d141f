/**
 * Identifiers of people `from` to `from + n`, flat strings as they come from a file. The ropes that a template
 * makes are several objects each, which every collection of garbage goes through: 30 % more time of both parties at 2^20.
 */
export const people = (from: number, n: number): string[] =>
  Array.from({ length: n }, (_, i) =>
    Buffer.from(`patient-${String(from + i).padStart(9, '0')}`).toString('latin1'),
  );
