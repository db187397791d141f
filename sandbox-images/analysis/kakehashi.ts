// Tables and records of images, version 1, for AssemblyScript (sandbox-images/README.md).
// Import it, write `export function run(at: usize): usize`, and export `reserve` from here.

export function reserve(bytes: i32): i32 {
  return <i32>heap.alloc(<usize>bytes);
}

const HEADER: usize = 24;
const COLUMN: usize = 16;

export function people(table: usize): i32 {
  return load<i32>(table, 4);
}

export function rows(table: usize): i32 {
  return load<i32>(table, 8);
}

// The first row of person i; of i = people, the number of rows.
export function firstRow(table: usize, i: i32): i32 {
  return load<i32>(table + <usize>load<u32>(table, 16) + ((<usize>i) << 2));
}

export function has(table: usize, column: i32, row: i32): bool {
  const bits = table + <usize>load<u32>(table + HEADER + COLUMN * <usize>column, 8);
  return ((load<u8>(bits + <usize>(row >> 3)) >> <u8>(row & 7)) & 1) != 0;
}

function values(table: usize, column: i32): usize {
  return table + <usize>load<u32>(table + HEADER + COLUMN * <usize>column, 12);
}

export function integer(table: usize, column: i32, row: i32): i64 {
  return load<i64>(values(table, column) + ((<usize>row) << 3));
}

export function number(table: usize, column: i32, row: i32): f64 {
  return load<f64>(values(table, column) + ((<usize>row) << 3));
}

// The code of a category, or days since 1970-01-01.
export function code(table: usize, column: i32, row: i32): i32 {
  return load<i32>(values(table, column) + ((<usize>row) << 2));
}

const MOST_FIELDS = 32;
const out = memory.data(8 + 8 * MOST_FIELDS, 8);

// Puts one field into the record.
export function answer(field: i32, value: i64): void {
  store<i64>(out + ((<usize>field) << 3), value, 8);
}

// The record of so many fields: what `run` gives.
export function record(fields: i32): usize {
  store<u32>(out, 1);
  store<i32>(out, fields, 4);
  return out;
}
