/**
 * A WebAssembly binary as this project runs it, parsed section by section (core specification 2.0, section
 * 5.5) and refused where it is anything else.
 *
 * Admitted  no imports, one memory with a maximum, at most one table of functions that
 *           never changes, active segments only, constants that are constants. So all state that a call
 *           can leave behind is the memory and the mutable globals, and a reset restores both.
 * Bounds    on every count and size before anything is allocated for it (limits.ts).
 * @module
 */
import { checkImage, rejectImage } from '../reject.ts';
import { ByteReader } from './reader.ts';
import { PAGE_BYTES, WASM_LIMITS } from './limits.ts';
import { checkData, checkElements, checkTable, readConstant } from './segments.ts';
import { isValueType, readBody, type Step } from './walk.ts';

export type FunctionType = {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
};

export type Global = {
  readonly type: number;
  readonly mutable: boolean;
  /** The constant expression, its `end` included. */
  readonly initial: Uint8Array;
};

export type Body = {
  /** Run-length as written, without its count. */
  readonly locals: readonly { readonly count: number; readonly type: number }[];
  readonly steps: readonly Step[];
};

export type Export = { readonly kind: number; readonly index: number };

export type Module = {
  readonly bytes: Uint8Array;
  readonly types: readonly FunctionType[];
  /** Index of the type of each function. */
  readonly functions: readonly number[];
  /** Contents of the table section as they are; undefined where there is none. */
  readonly table: Uint8Array | undefined;
  readonly memory: { readonly maximum: number };
  readonly globals: readonly Global[];
  readonly exports: ReadonlyMap<string, Export>;
  readonly start: number | undefined;
  readonly elements: Uint8Array | undefined;
  readonly bodies: readonly Body[];
  readonly data: Uint8Array | undefined;
};

const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

export const KIND = { function: 0, table: 1, memory: 2, global: 3 } as const;

/** Data count stands before code (section 5.5.2). */
const ORDER: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

function readType(reader: ByteReader): FunctionType {
  if (reader.byte() !== 0x60) rejectImage('WASM_FEATURE');
  const value = (): number => {
    const type = reader.byte();
    checkImage(isValueType(type), 'WASM_FEATURE');
    return type;
  };
  const parameters = reader.vector(WASM_LIMITS.parameters, value);
  return { parameters, results: reader.vector(WASM_LIMITS.parameters, value) };
}

function readGlobal(reader: ByteReader): Global {
  const type = reader.byte();
  checkImage(isValueType(type), 'WASM_FEATURE');
  const mutable = reader.byte();
  checkImage(mutable < 2, 'WASM_MALFORMED');
  return { type, mutable: mutable === 1, initial: readConstant(reader) };
}

function readMemory(reader: ByteReader): Module['memory'] {
  checkImage(reader.count(1) === 1, 'WASM_MEMORY');
  const flags = reader.byte();
  // Bit 1 says shared, bit 2 says 64-bit addresses.
  if ((flags & 2) !== 0) rejectImage('WASM_THREADS');
  checkImage(flags === 1, 'WASM_MEMORY');
  const [initial, maximum] = [reader.u32(), reader.u32()];
  checkImage(initial <= maximum && maximum <= WASM_LIMITS.pages, 'WASM_MEMORY');
  return { maximum };
}

function readFunctionBody(reader: ByteReader): Body {
  const own = reader.part(reader.u32());
  if (own.end - own.at > WASM_LIMITS.bodyBytes) rejectImage('WASM_LIMIT');
  let total = 0;
  const locals = own.vector(WASM_LIMITS.locals, () => {
    const count = own.u32();
    total += count;
    checkImage(total <= WASM_LIMITS.locals, 'WASM_LIMIT');
    const type = own.byte();
    checkImage(isValueType(type), 'WASM_FEATURE');
    return { count, type };
  });
  return { locals, steps: readBody(own) };
}

function readExports(reader: ByteReader): Map<string, Export> {
  const exports = new Map<string, Export>();
  reader.vector(WASM_LIMITS.exports, () => {
    const name = reader.name(WASM_LIMITS.name);
    checkImage(!exports.has(name), 'WASM_MALFORMED');
    const kind = reader.byte();
    checkImage(kind <= 3, 'WASM_FEATURE');
    exports.set(name, { kind, index: reader.u32() });
  });
  return exports;
}

/** Sections by id, each once and in order; names and other custom sections are dropped. */
function readSections(bytes: Uint8Array): Map<number, ByteReader> {
  const reader = new ByteReader(bytes);
  const magic = Buffer.from(reader.take(8)).toString('hex');
  checkImage(magic === '0061736d01000000', 'WASM_MALFORMED');
  const sections = new Map<number, ByteReader>();
  let last = -1;
  while (!reader.done) {
    const id = reader.byte();
    const section = reader.part(reader.u32());
    if (id === SECTION.custom) continue;
    const place = ORDER.indexOf(id);
    checkImage(place > last, place < 0 ? 'WASM_FEATURE' : 'WASM_MALFORMED');
    last = place;
    sections.set(id, section);
  }
  return sections;
}

/** Refuses with IMAGE_REJECTED and a reason. Types are validated by the engine afterwards. */
export function parseModule(bytes: Uint8Array): Module {
  checkImage(bytes.length <= WASM_LIMITS.bytes, 'WASM_LIMIT');
  const sections = readSections(bytes);
  const read = <T>(id: number, none: T, content: (reader: ByteReader) => T): T => {
    const section = sections.get(id);
    if (section === undefined) return none;
    const value = content(section);
    checkImage(section.done, 'WASM_MALFORMED');
    return value;
  };
  const whole = (id: number, content: (reader: ByteReader) => void): Uint8Array | undefined =>
    read<Uint8Array | undefined>(id, undefined, (reader) => {
      const from = reader.at;
      content(reader);
      return bytes.subarray(from, reader.at);
    });
  read(SECTION.import, undefined, (reader) => {
    if (reader.count(WASM_LIMITS.functions) > 0) rejectImage('WASM_IMPORTS');
    return undefined;
  });
  const memory = read(SECTION.memory, undefined, (reader) => readMemory(reader));
  const memoryBytes = (memory?.maximum ?? 0) * PAGE_BYTES;
  let entries = 0;
  const module = {
    bytes,
    types: read(SECTION.type, [], (r) => r.vector(WASM_LIMITS.types, () => readType(r))),
    functions: read(SECTION.function, [], (r) => r.vector(WASM_LIMITS.functions, () => r.u32())),
    table: whole(SECTION.table, (reader) => {
      entries = checkTable(reader);
    }),
    globals: read(SECTION.global, [], (r) => r.vector(WASM_LIMITS.globals, () => readGlobal(r))),
    exports: read(SECTION.export, new Map<string, Export>(), readExports),
    start: read<number | undefined>(SECTION.start, undefined, (reader) => reader.u32()),
    elements: whole(SECTION.element, (reader) => checkElements(reader, entries)),
    bodies: read(SECTION.code, [], (r) =>
      r.vector(WASM_LIMITS.functions, () => readFunctionBody(r)),
    ),
    data: whole(SECTION.data, (reader) => checkData(reader, memoryBytes)),
  };
  read(SECTION.dataCount, 0, (reader) => reader.u32());
  checkImage(module.bodies.length === module.functions.length, 'WASM_MALFORMED');
  if (memory === undefined) rejectImage('WASM_MEMORY');
  return { ...module, memory };
}
