// The cut-point of a biomarker that separates survival best: the largest log-rank statistic (Mantel 1966) over a
// public grid of cut-points, in each block. Blocks vote, so the mean over blocks is a cut-point of samples of that size.
import { answer, has, integer, number, record, rows } from './kakehashi';
export { reserve } from './kakehashi';

const MARKER = 0;
const MONTHS = 1;
const DIED = 2;
const LAST_MONTH = 120;
// Cut-points in tenths.
const FIRST = 10;
const LAST = 90;
const STEP = 5;

// Exits by month: of both groups, of the upper group; deaths of both, of the upper group.
const exits = memory.data(4 * 4 * (LAST_MONTH + 1), 8);

function count(kind: i32, month: i32): usize {
  return exits + ((<usize>(kind * (LAST_MONTH + 1) + month)) << 2);
}

function add(kind: i32, month: i32): void {
  const at = count(kind, month);
  store<i32>(at, load<i32>(at) + 1);
}

function logRank(table: usize, n: i32, cut: f64): f64 {
  memory.fill(exits, 0, 4 * 4 * (LAST_MONTH + 1));
  let left = 0;
  let leftAbove = 0;
  for (let row = 0; row < n; row++) {
    if (!has(table, MARKER, row) || !has(table, MONTHS, row) || !has(table, DIED, row)) continue;
    const month = min<i32>(LAST_MONTH, max<i32>(0, <i32>integer(table, MONTHS, row)));
    const died = integer(table, DIED, row) == 1;
    const above = number(table, MARKER, row) > cut;
    left++;
    add(0, month);
    if (died) add(2, month);
    if (!above) continue;
    leftAbove++;
    add(1, month);
    if (died) add(3, month);
  }
  let difference: f64 = 0.0;
  let variance: f64 = 0.0;
  for (let month = 0; month <= LAST_MONTH; month++) {
    const deaths = <f64>load<i32>(count(2, month));
    const risk = <f64>left;
    const share = left > 0 ? <f64>leftAbove / risk : 0.0;
    difference += <f64>load<i32>(count(3, month)) - deaths * share;
    if (left > 1) variance += (deaths * share * (1.0 - share) * (risk - deaths)) / (risk - 1.0);
    left -= load<i32>(count(0, month));
    leftAbove -= load<i32>(count(1, month));
  }
  return variance > 0.0 ? (difference * difference) / variance : 0.0;
}

export function run(table: usize): usize {
  const n = rows(table);
  let best: f64 = -1.0;
  let at = (FIRST + LAST) / 2;
  for (let cut = FIRST; cut <= LAST; cut += STEP) {
    const statistic = logRank(table, n, <f64>cut / 10.0);
    if (statistic > best) {
      best = statistic;
      at = cut;
    }
  }
  answer(0, at);
  answer(1, <i64>Math.round(best * 10.0));
  return record(2);
}
