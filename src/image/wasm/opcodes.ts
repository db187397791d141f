/**
 * The instructions an image may use: WebAssembly 1.0 and, of what came later, sign extension, saturating
 * truncation, several results, memory.copy and memory.fill. Everything else is refused by name: tables
 * that change and references (state that a reset would miss), tail calls and exceptions (paths that the
 * meter does not see), threads (a clock), vectors (whose lanes can carry the payload of a NaN; the
 * relaxed ones differ between machines).
 *
 * Weights are what a meter charges: units of 8 ns at the very most (cohort/deadline.ts counts on it), so that a
 * read of memory that is in no cache (16 units) is paid for as well, and arithmetic of subnormal floats, which
 * x86 processors hand to microcode: 110 to 140 ns where other operands take 2 (20 units).
 * @module
 */

/** What follows the opcode. */
export type Immediate =
  | 'none'
  | 'block'
  | 'index'
  | 'two-indices'
  | 'table'
  | 'memory'
  | 'memory-index'
  | 'memory-indices'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64';

export type Instruction = { readonly immediate: Immediate; readonly weight: number };

const BASIC = 1;
const MEMORY = 16;
const SLOW = 8;
const FLOAT = 20;

const TABLE = new Map<number, Instruction>();

const set = (immediate: Immediate, weight: number, from: number, to = from): void => {
  for (let opcode = from; opcode <= to; opcode += 1) TABLE.set(opcode, { immediate, weight });
};

export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  call: 0x10,
  callIndirect: 0x11,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  f32Store: 0x38,
  f64Store: 0x39,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i64LtS: 0x53,
  f32Eq: 0x5b,
  f64Eq: 0x61,
  i32LtS: 0x48,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i64Sub: 0x7d,
  i64ShrU: 0x88,
  f32Copysign: 0x98,
  f64Copysign: 0xa6,
  i64ExtendI32U: 0xad,
  i32ReinterpretF32: 0xbc,
  i64ReinterpretF64: 0xbd,
  prefix: 0xfc,
} as const;

/** Behind the prefix 0xfc. */
export const OP_FC = { memoryCopy: 0x0a, memoryFill: 0x0b } as const;

set('none', BASIC, 0x00, 0x01);
set('block', BASIC, 0x02, 0x04);
set('none', 0, 0x05);
set('none', 0, 0x0b);
set('index', BASIC, 0x0c, 0x0d);
set('table', SLOW, 0x0e);
set('none', BASIC, 0x0f);
set('index', SLOW, 0x10);
set('two-indices', 2 * SLOW, 0x11);
set('none', BASIC, 0x1a, 0x1b);
set('index', BASIC, 0x20, 0x24);
set('memory', MEMORY, 0x28, 0x3e);
set('memory-index', SLOW, 0x3f, 0x40);
set('i32', BASIC, 0x41);
set('i64', BASIC, 0x42);
set('f32', BASIC, 0x43);
set('f64', BASIC, 0x44);
set('none', BASIC, 0x45, 0xc4);
// Division and remainder of integers.
set('none', SLOW, 0x6d, 0x70);
set('none', SLOW, 0x7f, 0x82);
// sqrt, add, sub, mul, div of floats; conversions between them.
set('none', FLOAT, 0x91, 0x95);
set('none', FLOAT, 0x9f, 0xa3);
for (const opcode of [0xb6, 0xbb]) set('none', FLOAT, opcode);
// Conversions that trap.
set('none', 2, 0xa8, 0xab);
set('none', 2, 0xae, 0xb1);

const PREFIXED = new Map<number, Instruction>();
for (let opcode = 0; opcode <= 7; opcode += 1) {
  PREFIXED.set(opcode, { immediate: 'none', weight: 2 });
}
PREFIXED.set(OP_FC.memoryCopy, { immediate: 'memory-indices', weight: SLOW });
PREFIXED.set(OP_FC.memoryFill, { immediate: 'memory-index', weight: SLOW });

/** Undefined for an instruction that an image may not use. */
export const instruction = (opcode: number): Instruction | undefined => TABLE.get(opcode);
export const prefixed = (opcode: number): Instruction | undefined => PREFIXED.get(opcode);

/** memory.copy and memory.fill cost one unit for so many bytes, as a power of two. */
export const BULK_SHIFT = 3;
