/**
 * Walks the instructions of a function body (core specification, section 5.4), refusing whatever an image
 * may not use. Structure is checked here, types by the engine.
 * @module
 */
import { rejectImage } from '../reject.ts';
import { type Immediate, instruction, OP, prefixed } from './opcodes.ts';
import type { ByteReader } from './reader.ts';

export type Step = {
  readonly opcode: number;
  /** The opcode behind the prefix 0xfc. */
  readonly second: number | undefined;
  /** The function of a call, the block type of a block (section 5.4.1), else the first index, else 0. */
  readonly index: number;
  readonly weight: number;
  /** Where it begins and ends in the binary. */
  readonly from: number;
  readonly to: number;
};

const PREFIX_ATOMICS = 0xfe;
const PREFIX_VECTORS = 0xfd;
/** Section 5.4.8: opcodes of relaxed SIMD begin here. */
const FIRST_RELAXED = 0x100;
const DEEPEST = 256;
const MOST_TARGETS = 4096;
const MOST_ALIGNMENT = 4;

function refuseOpcode(reader: ByteReader, opcode: number): never {
  if (opcode === PREFIX_ATOMICS) rejectImage('WASM_THREADS');
  if (opcode === PREFIX_VECTORS && reader.u32() >= FIRST_RELAXED) rejectImage('WASM_RELAXED_SIMD');
  rejectImage('WASM_FEATURE');
}

/** i32, i64, f32, f64. */
export const isValueType = (byte: number): boolean => byte >= 0x7c && byte <= 0x7f;

/** −64 is the empty type, −1 to −4 a value type, 0 and above an index of a type. */
export const EMPTY_TYPE = -64;

function blockType(reader: ByteReader): number {
  const type = Number(reader.signed(33));
  if (type < -4 && type !== EMPTY_TYPE) rejectImage('WASM_FEATURE');
  return type;
}

function skip(reader: ByteReader, immediate: Immediate): number {
  switch (immediate) {
    case 'none':
      return 0;
    case 'block':
      return blockType(reader);
    case 'index':
      return reader.u32();
    case 'two-indices': {
      const index = reader.u32();
      if (reader.u32() !== 0) rejectImage('WASM_FEATURE');
      return index;
    }
    case 'table':
      reader.vector(MOST_TARGETS, () => reader.u32());
      return reader.u32();
    case 'memory':
      if (reader.u32() > MOST_ALIGNMENT) rejectImage('WASM_MALFORMED');
      reader.u32();
      return 0;
    case 'memory-index':
      if (reader.byte() !== 0) rejectImage('WASM_FEATURE');
      return 0;
    case 'memory-indices':
      if (reader.byte() !== 0 || reader.byte() !== 0) rejectImage('WASM_FEATURE');
      return 0;
    case 'i32':
      reader.signed(32);
      return 0;
    case 'i64':
      reader.signed(64);
      return 0;
    case 'f32':
      reader.take(4);
      return 0;
    case 'f64':
      reader.take(8);
      return 0;
  }
}

function readStep(reader: ByteReader): Step {
  const from = reader.at;
  const opcode = reader.byte();
  const second = opcode === OP.prefix ? reader.u32() : undefined;
  const found = second === undefined ? instruction(opcode) : prefixed(second);
  if (found === undefined) refuseOpcode(reader, opcode);
  const index = skip(reader, found.immediate);
  return { opcode, second, index, weight: found.weight, from, to: reader.at };
}

const OPENS: readonly number[] = [OP.block, OP.loop, OP.if];

/** Every instruction up to the end that closes the body, that one included; nothing may follow it. */
export function readBody(reader: ByteReader): Step[] {
  const steps: Step[] = [];
  let depth = 1;
  while (depth > 0) {
    const step = readStep(reader);
    steps.push(step);
    if (OPENS.includes(step.opcode)) depth += 1;
    if (step.opcode === OP.end) depth -= 1;
    if (depth > DEEPEST) rejectImage('WASM_LIMIT');
  }
  if (!reader.done) rejectImage('WASM_MALFORMED');
  return steps;
}
