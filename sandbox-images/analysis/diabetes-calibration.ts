// Recalibration of a risk score for complications of diabetes (Cox 1958): logistic regression of the outcome on the
// linear predictor, by Newton steps. A slope of 1 and an intercept of 0 mean that the score fits these people; O/E is observed
// over expected. The score itself is invented, for the example.
import { answer, code, has, integer, number, people, record, rows } from './kakehashi';
export { reserve } from './kakehashi';

const AGE = 0;
const HBA1C = 1;
const DIAGNOSED = 2;
const COMPLICATIONS = 3;
const YEAR = 2024;
const STEPS = 12;

function predictor(table: usize, row: i32): f64 {
  const duration = <f64>(YEAR - <i32>integer(table, DIAGNOSED, row));
  return (
    -1.0 +
    0.02 * (<f64>integer(table, AGE, row) - 65.0) +
    0.25 * (number(table, HBA1C, row) - 7.0) +
    0.05 * (duration - 10.0)
  );
}

function complete(table: usize, row: i32): bool {
  return (
    has(table, AGE, row) &&
    has(table, HBA1C, row) &&
    has(table, DIAGNOSED, row) &&
    has(table, COMPLICATIONS, row)
  );
}

function risk(linear: f64): f64 {
  return 1.0 / (1.0 + Math.exp(-linear));
}

export function run(table: usize): usize {
  const n = rows(table);
  let a: f64 = 0.0;
  let b: f64 = 1.0;
  let observed: f64 = 0.0;
  let expected: f64 = 0.0;
  for (let step = 0; step < STEPS; step++) {
    // A weak prior on the slope keeps the steps finite in every block.
    let ga: f64 = 0.0;
    let gb: f64 = (1.0 - b) * 0.1;
    let haa: f64 = 1e-6;
    let hab: f64 = 0.0;
    let hbb: f64 = 0.1;
    for (let row = 0; row < n; row++) {
      if (!complete(table, row)) continue;
      const x = predictor(table, row);
      const y: f64 = code(table, COMPLICATIONS, row) > 0 ? 1.0 : 0.0;
      const p = risk(a + b * x);
      const w = p * (1.0 - p);
      ga += y - p;
      gb += (y - p) * x;
      haa += w;
      hab += w * x;
      hbb += w * x * x;
      if (step == 0) {
        observed += y;
        expected += p;
      }
    }
    const determinant = haa * hbb - hab * hab;
    if (determinant <= 1e-9) break;
    a += (hbb * ga - hab * gb) / determinant;
    b += (haa * gb - hab * ga) / determinant;
  }
  answer(0, <i64>Math.round(b * 100.0));
  answer(1, <i64>Math.round(a * 100.0));
  answer(2, <i64>Math.round(expected > 0.0 ? (observed / expected) * 100.0 : 100.0));
  return record(3);
}
