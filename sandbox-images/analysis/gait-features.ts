// Features of gait over the days on which a person was measured (Parkinson): mean and variability of the stride
// time, and its trend by least squares in milliseconds a year. One call for each person, with all their days.
import { answer, code, has, integer, record, rows } from './kakehashi';
export { reserve } from './kakehashi';

const DAY = 0;
const STRIDE = 1;
const YEAR: f64 = 365.25;

export function run(table: usize): usize {
  const n = rows(table);
  let days: f64 = 0.0;
  let sumX: f64 = 0.0;
  let sumY: f64 = 0.0;
  for (let row = 0; row < n; row++) {
    if (!has(table, DAY, row) || !has(table, STRIDE, row)) continue;
    days += 1.0;
    sumX += <f64>code(table, DAY, row);
    sumY += <f64>integer(table, STRIDE, row);
  }
  // A person with fewer days says nothing of a trend: the call fails, and counts as the default.
  if (days < 3.0) unreachable();
  const meanX = sumX / days;
  const meanY = sumY / days;
  let xx: f64 = 0.0;
  let xy: f64 = 0.0;
  let yy: f64 = 0.0;
  for (let row = 0; row < n; row++) {
    if (!has(table, DAY, row) || !has(table, STRIDE, row)) continue;
    const x = <f64>code(table, DAY, row) - meanX;
    const y = <f64>integer(table, STRIDE, row) - meanY;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  answer(0, <i64>Math.round(meanY));
  answer(1, <i64>Math.round((Math.sqrt(yy / (days - 1.0)) / meanY) * 1000.0));
  answer(2, <i64>Math.round(xx > 0.0 ? (xy / xx) * YEAR : 0.0));
  return record(3);
}
