/**
 * The table and what fills it and memory at the start (core specification 2.0, sections 5.5.7, 5.5.12 and 5.5.14):
 * active segments at constant places. One that does not fit would trap at every start, so it is refused.
 * @module
 */
import { checkImage, rejectImage } from '../reject.ts';
import { WASM_LIMITS } from './limits.ts';
import { OP } from './opcodes.ts';
import { ByteReader } from './reader.ts';

/** A constant expression, its `end` included. */
export function readConstant(reader: ByteReader): Uint8Array {
  const from = reader.at;
  const opcode = reader.byte();
  if (opcode === OP.i32Const) reader.signed(32);
  else if (opcode === OP.i64Const) reader.signed(64);
  else if (opcode === OP.f32Const) reader.take(4);
  else if (opcode === OP.f64Const) reader.take(8);
  else rejectImage('WASM_FEATURE');
  if (reader.byte() !== OP.end) rejectImage('WASM_FEATURE');
  return reader.bytes.subarray(from, reader.at);
}

/** How many entries there are from the start. */
export function checkTable(reader: ByteReader): number {
  if (reader.count(1) === 0) return 0;
  if (reader.byte() !== 0x70) rejectImage('WASM_FEATURE');
  const flags = reader.byte();
  checkImage(flags < 2, 'WASM_FEATURE');
  const entries = reader.u32();
  checkImage(entries <= WASM_LIMITS.tableEntries, 'WASM_LIMIT');
  if (flags === 1) reader.u32();
  return entries;
}

/** Where an active segment begins: a constant, as address. */
function segmentOffset(reader: ByteReader): number {
  if (reader.u32() !== 0) rejectImage('WASM_FEATURE');
  const constant = new ByteReader(readConstant(reader));
  if (constant.byte() !== OP.i32Const) rejectImage('WASM_INVALID');
  return Number(BigInt.asUintN(32, constant.signed(32)));
}

export function checkElements(reader: ByteReader, entries: number): void {
  reader.vector(WASM_LIMITS.segments, () => {
    const offset = segmentOffset(reader);
    const { length } = reader.vector(WASM_LIMITS.tableEntries, () => reader.u32());
    checkImage(offset + length <= entries, 'WASM_LIMIT');
  });
}

export function checkData(reader: ByteReader, bytes: number): void {
  reader.vector(WASM_LIMITS.segments, () => {
    const offset = segmentOffset(reader);
    const { length } = reader.take(reader.u32());
    checkImage(offset + length <= bytes, 'WASM_MEMORY');
  });
}
