/** Small WebAssembly modules for tests, put together byte by byte: no compiler, any fault. */
import { concat } from '../../src/base/bytes.ts';
import * as write from '../../src/image/wasm/writer.ts';

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F64 = 0x7c;
const END = 0x0b;

export type TestModule = {
  readonly imports?: Uint8Array;
  /** Flags, initial, maximum. */
  readonly memory?: readonly number[];
  readonly globals?: readonly Uint8Array[];
  readonly start?: number;
  /** Function types behind (i32) → i32 and () → (). */
  readonly types?: readonly Uint8Array[];
  /** `[locals, code]` of reserve(i32) → i32, of run(i32) → i32, and of more: of the same type or the one given. */
  readonly functions: readonly (readonly [readonly Uint8Array[], readonly number[], number?])[];
  /** A table of these functions. */
  readonly table?: readonly number[];
  /** What is put into the table, where it is something else. */
  readonly elements?: readonly number[];
  readonly more?: readonly Uint8Array[];
  readonly exports?: readonly Uint8Array[];
};

export const exported = (name: string, kind: number, index: number): Uint8Array =>
  concat(write.name(name), write.bytes(kind), write.u32(index));

export const local = (count: number, type: number): Uint8Array =>
  concat(write.u32(count), write.bytes(type));

/** A mutable i64 global of 0. */
export const COUNTER = write.bytes(I64, 1, 0x42, 0, END);

export const i32 = (value: number): number[] => [0x41, ...write.signed(BigInt(value))];
export const i64 = (value: bigint): number[] => [0x42, ...write.signed(value)];

/** reserve: always at 1024. */
export const RESERVE: TestModule['functions'][number] = [[], i32(1024)];

/** Stores a record at 16 whose only field is the i64 that `value` leaves on the stack; gives 16. */
export const answering = (...value: readonly number[]): number[] => [
  ...[...i32(16), ...i32(1), 0x36, 2, 0],
  ...[...i32(16), ...i32(1), 0x36, 2, 4],
  ...[...i32(16), ...value, 0x37, 3, 8],
  ...i32(16),
];

export function wasm(module: TestModule): Uint8Array {
  const {
    functions,
    memory = [1, 1, 2],
    globals = [],
    imports,
    start,
    more = [],
    types = [],
    table,
    elements = table,
  } = module;
  const bodies = functions.map(([locals, code]) =>
    write.sized(concat(write.vector(locals), write.bytes(...code, END))),
  );
  const section = (id: number, content: Uint8Array | undefined): Uint8Array[] =>
    content === undefined ? [] : [write.section(id, content)];
  const exports = module.exports ?? [
    exported('memory', 2, 0),
    exported('reserve', 0, 0),
    exported('run', 0, 1),
  ];
  return concat(
    write.HEADER,
    write.section(
      1,
      write.vector([write.bytes(0x60, 1, I32, 1, I32), write.bytes(0x60, 0, 0), ...types]),
    ),
    ...section(2, imports),
    write.section(
      3,
      write.vector(functions.map(([, , type], i) => write.u32(type ?? (i === start ? 1 : 0)))),
    ),
    ...section(4, table && write.bytes(1, 0x70, 0, table.length)),
    write.section(5, concat(write.bytes(1), write.bytes(...memory))),
    ...section(6, globals.length > 0 ? write.vector(globals) : undefined),
    write.section(7, write.vector(exports)),
    ...section(8, start === undefined ? undefined : write.u32(start)),
    ...section(9, elements && write.bytes(1, 0, ...i32(0), END, elements.length, ...elements)),
    write.section(10, write.vector(bodies)),
    ...more,
  );
}

/** Answers 7 for everything. */
export const CONSTANT = wasm({ functions: [RESERVE, [[], answering(...i64(7n))]] });
