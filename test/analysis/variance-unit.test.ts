/** UCUM raises unit atoms to a power, never what is in parentheses (ucum.org, syntax of terms). */
import { doesNotMatch, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { entriesOf, NoiseWidths } from '../../src/analysis/release-entry.ts';
import { Rational } from '../../src/base/rational.ts';

function unitOf(unit: string): string {
  const [entry] = entriesOf(
    { kind: 'variance', name: 'v', block: 0, scale: { min: 0, max: 10, step: 1 }, unit },
    [100, 100, 500],
    { variances: [Rational.of(4), Rational.of(4), Rational.of(50)], shares: 2 },
    { widths: new NoiseWidths(), draws: 0 },
  );
  return entry?.kind === 'cell' ? entry.unit : '';
}

test.each(['mmol/mol', 'mg/dL', 'kg/m2', '%', '[lb_av]', '10*9/L', '{score}', 'a'])(
  'the square of %s',
  (unit) => doesNotMatch(unitOf(unit), /\)[+-]?\d/),
);

test('control: of an atom it is the atom and a 2, of the unit one it is one', () => {
  strictEqual(unitOf('a'), 'a2');
  strictEqual(unitOf('1'), '1');
});
